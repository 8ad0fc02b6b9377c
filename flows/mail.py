"""Mail by a server of one's own: a block of Prefect, whose own block mails by one company's service alone.

The entry point `prefect.collections` makes it known to Prefect's server, which sends the mail: there, too, winnow is to
be installed.
"""

import asyncio
import base64
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Annotated, Literal

from prefect.blocks.abstract import NotificationBlock, NotificationError
from pydantic import ConfigDict, Field, SecretStr

_PATIENCE_SECONDS = 10.0  # for each word of the exchange: all of it ends before the message is taken for lost
_ADDRESS = r"^[^\s@,;:<>()\[\]\\\"]+@[^\s@,;:<>()\[\]\\\"]+$"


class MailServer(NotificationBlock):
    """A server that takes mail (SMTP), and whom it tells."""

    _block_type_name = "Mail Server"
    _block_type_slug = "mail-server"
    _description = "Tells of runs by mail, through a server of your own (SMTP)."

    model_config = ConfigDict(hide_input_in_errors=True)  # the password is part of it

    host: str = Field(title="Server", description="Name or address of the mail server.", examples=["smtp.firm.example"])
    port: int = Field(default=587, ge=1, le=65535, description="Usually 587; 465 where all is encrypted, 25 without.")
    encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="starttls: encrypted after the greeting; tls: from the first byte; both verify the server's "
        "certificate. none: for a relay of one's own network; a password is sent as it is.",
    )
    user: str = Field(default="", description="Who logs in; left out, nobody does.")
    password: SecretStr = Field(default=SecretStr(""), description="The password of who logs in.")
    sender: str = Field(pattern=_ADDRESS, description="Address that mail comes from.", examples=["winnow@firm.example"])
    recipients: list[Annotated[str, Field(pattern=_ADDRESS)]] = Field(
        min_length=1, description="Addresses that mail goes to.", examples=[["data@firm.example"]]
    )

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send a mail to all recipients; who is refused alone is logged, as the others have it.

        Raises
        ------
        NotificationError
            Where `raise_on_failure` is active: the server can't be reached, or takes the mail for nobody.
        """
        try:
            refused = await asyncio.to_thread(self._send, self._message(body, subject or "winnow"))
        except (OSError, ValueError, smtplib.SMTPException) as error:
            said = (
                f"The mail server {self.host}:{self.port} did not take the mail: {self._without_password(str(error))}"
            )
            if self._raise_on_failure:
                raise NotificationError(said) from None  # the error itself may hold what is left out
            self.logger.error(said)
            return
        if refused:
            self.logger.error("The mail server %s refused mail for %s.", self.host, ", ".join(refused))

    def _without_password(self, told: str) -> str:
        """Leave out the password, as it is and as it is sent: some servers repeat the line that they don't take.

        Python's errors show what a server said as a literal of bytes, in which quotes and backslashes may be escaped.
        """
        password = self.password.get_secret_value()
        sent = [base64.b64encode(line.encode()).decode() for line in (f"\0{self.user}\0{password}", password)]
        escaped = password.replace("\\", r"\\")
        shown = (escaped.replace("'", r"\'"), escaped, password)
        for secret in (*sent, *shown) if password else ():
            told = told.replace(secret, "…")
        return told

    def _message(self, body: str, subject: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())  # a header is one line
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # asks for no out-of-office notes (RFC 3834)
        message.set_content(body)
        return message

    def _send(self, message: EmailMessage) -> dict[str, tuple[int, bytes]]:
        context = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self.host, self.port, timeout=_PATIENCE_SECONDS, context=context)
            if self.encryption == "tls"
            else smtplib.SMTP(self.host, self.port, timeout=_PATIENCE_SECONDS)
        ) as server:
            if self.encryption == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(_plain(self.user), _plain(self.password.get_secret_value()))
            return server.send_message(message)


def _plain(word: str) -> str:
    """Return what logs in; Python's client sends ASCII alone, and its own error would tell a letter of the password."""
    if not word.isascii():
        raise ValueError("user or password hold a letter that is not ASCII, which is not sent. Choose others.")
    return word
