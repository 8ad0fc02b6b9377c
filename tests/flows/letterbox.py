"""A mail server that listens on this machine, and keeps what it is sent."""

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Letterbox:
    """What came, and how it behaves: which logins it saw, whom it refuses, and which answers to mail come next."""

    port: int = 0
    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    """Whom each is for, and what it says."""
    logins: list[str] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    faults: list[bytes] = field(default_factory=list)
    """Its answers to the next letters; it takes them when there are no more."""
    echoes: bool = False
    """Whether it takes no login, and repeats the line."""
    secret: ssl.SSLContext | None = None
    """How it encrypts, when it is asked to."""


@contextmanager
def letterbox(**behaviour: Any) -> Iterator[Letterbox]:
    """Listen on a free port until the block ends."""
    box = Letterbox(**behaviour)

    class Clerk(StreamRequestHandler):
        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

        def handle(self) -> None:
            self.say(b"220 here")
            recipients: list[str] = []
            while line := self.rfile.readline():
                word, _, rest = line.strip().partition(b" ")
                match word.upper():
                    case b"EHLO":
                        self.say(
                            b"250-here\r\n250-AUTH PLAIN" + (b"\r\n250 STARTTLS" if box.secret else b"\r\n250 8BITMIME")
                        )
                    case b"STARTTLS":
                        self.say(b"220 go on")
                        self.encrypt()
                    case b"AUTH":
                        box.logins.append(base64.b64decode(rest.split()[1]).decode())
                        self.say(b"535 what is " + line.strip() if box.echoes else b"235 welcome")
                    case b"RCPT":
                        to = rest.decode().partition("<")[2].partition(">")[0]
                        self.say(b"550 nobody of that name" if to in box.refused else b"250 known")
                        recipients += [] if to in box.refused else [to]
                    case b"DATA":
                        self.say(b"354 go on")
                        lines = [line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n")]
                        box.letters.append((recipients, message_from_bytes(b"".join(lines), policy=policy.default)))
                        recipients = []
                        self.say(box.faults.pop(0) if box.faults else b"250 taken")
                    case b"QUIT":
                        return self.say(b"221 bye")
                    case _:
                        self.say(b"250 ok")
            return None

        def encrypt(self) -> None:
            assert box.secret
            self.connection = box.secret.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)

    class Office(ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Who hangs up on a certificate that nobody vouches for does what the test wants."""

    with Office(("127.0.0.1", 0), Clerk) as office:
        box.port = office.server_address[1]
        threading.Thread(target=office.serve_forever, daemon=True).start()
        yield box
        office.shutdown()
