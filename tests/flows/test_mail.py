"""Mail through a server of one's own: what arrives, who logs in, and what happens when it is not taken."""

import asyncio
import ipaddress
import logging
import ssl
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.blocks.abstract import NotificationError

from flows.mail import MailServer
from tests.flows.letterbox import Letterbox, letterbox

ADA, BEA = "ada@firm.example", "bea@firm.example"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """What the block logs; Prefect's own loggers hand nothing on, once they are set up."""
    monkeypatch.setattr(MailServer, "logger", logging.getLogger("tests.mail"))
    return caplog


def server(box: Letterbox, **settings: object) -> MailServer:
    given = {"host": "127.0.0.1", "port": box.port, "encryption": "none", "sender": "winnow@firm.example"}
    return MailServer.model_validate({**given, "recipients": [ADA, BEA], **settings})


def send(block: MailServer, body: str = "It was rejected.", subject: str = "retrain garden: Rejected") -> None:
    with block.raise_on_failure():
        asyncio.run(block.notify(body, subject))


def test_a_mail_says_what_it_should_to_everyone() -> None:
    said = "Général — gain −0.02 <script>\n.\nhttp://127.0.0.1:4200/runs/1\n" + "long " * 300
    with letterbox() as box:
        send(server(box), said, "retrain “garden”: Rejected")
    ((recipients, letter),) = box.letters
    assert recipients == [ADA, BEA]
    assert (letter["Subject"], letter["From"]) == ("retrain “garden”: Rejected", "winnow@firm.example")
    assert letter["To"] == f"{ADA}, {BEA}"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@firm.example>")
    assert letter["Date"].datetime
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().replace("\r\n", "\n").strip() == said.strip()


def test_a_name_with_line_breaks_adds_no_line_to_the_head() -> None:
    with letterbox() as box:
        send(server(box), subject="retrain\r\nBcc: eve@elsewhere.example\n\n: Failed")
    ((recipients, letter),) = box.letters
    assert recipients == [ADA, BEA]
    assert letter["Bcc"] is None
    assert letter["Subject"] == "retrain Bcc: eve@elsewhere.example : Failed"


@pytest.mark.parametrize("wrong", ["", "ada", "@", "ada@[b", "Doe, John <j@d.example>", "a@b\r\nBcc: eve@c", "‹"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    for settings in ({"sender": wrong}, {"recipients": [ADA, wrong]}):
        with pytest.raises(ValueError, match="pattern"):
            server(Letterbox(), **settings)


def test_who_logs_in_is_known_by_any_password_and_nobody_needs_to() -> None:
    with letterbox() as box:
        send(server(box, user="winnow", password="p@ss/w?rd&:%20 "))
        send(server(box))
    assert box.logins == ["\0winnow\0p@ss/w?rd&:%20 "]
    assert len(box.letters) == 2


def test_a_letter_that_can_not_be_sent_as_a_password_is_not_told() -> None:
    with letterbox() as box, pytest.raises(NotificationError) as failed:
        send(server(box, user="winnow", password="öffne dich"))
    assert "not ASCII" in failed.value.log
    assert "xf6" not in failed.value.log
    assert box.letters == []


@pytest.mark.parametrize("fault", ["refused", "full", "away"])
def test_a_mail_that_was_not_taken_is_a_failure_that_names_no_secret(fault: str, logged) -> None:
    with letterbox(refused=(ADA, BEA) if fault == "refused" else (), faults=[b"452 no room"] * 2) as box:
        block = server(box, user="winnow", password="open sesame", **({"port": 1} if fault == "away" else {}))
        with pytest.raises(NotificationError) as failed:
            send(block)
        asyncio.run(block.notify("It was rejected."))
    for told in (failed.value.log, logged.text):
        assert f"The mail server 127.0.0.1:{block.port} did not take the mail" in told
        assert "sesame" not in told


@pytest.mark.parametrize("password", ["open sesame", "sesame's", "sesame\\now"])
def test_a_server_that_repeats_a_password_in_clear_tells_nobody(logged, password: str) -> None:
    with letterbox(faults=[f"535 “{word}” is it?".encode() for word in (password, f"'{password}\"")]) as box:
        block = server(box, user="winnow", password=password)
        for _ in range(2):
            asyncio.run(block.notify("It was rejected."))
    assert logged.text.count("did not take the mail") == 2
    assert "sesame" not in logged.text


def test_a_block_that_lacks_something_shows_no_password() -> None:
    with pytest.raises(ValueError, match="recipients") as refused:
        MailServer.model_validate({"password": "open sesame", "host": "h", "sender": ADA})
    assert "sesame" not in str(refused.value)


def test_a_server_that_repeats_a_login_tells_nobody_the_password(logged) -> None:
    with letterbox(echoes=True) as box:
        block = server(box, user="winnow", password="open sesame")
        with pytest.raises(NotificationError) as failed:
            send(block)
        asyncio.run(block.notify("It was rejected."))
    assert box.logins == ["\0winnow\0open sesame"] * 2
    shown = "".join(traceback.format_exception(failed.value))
    for told in (failed.value.log, logged.text, shown):
        assert "AHdpbm5vdwBvcGVuIHNlc2FtZQ" not in told  # “winnow” and the password, as they are sent
        assert "sesame" not in told
    assert "what is AUTH PLAIN …" in failed.value.log


def test_who_is_refused_alone_keeps_no_other_from_hearing(logged) -> None:
    with letterbox(refused=(ADA,)) as box:
        send(server(box))
    assert [recipients for recipients, _ in box.letters] == [[BEA]]
    assert f"refused mail for {ADA}" in logged.text


def test_a_certificate_is_verified_before_anything_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = certificate(tmp_path / "server.pem")
    secret = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secret.load_cert_chain(whole)
    with letterbox(secret=secret) as box:
        block = server(box, encryption="starttls", user="winnow", password="open sesame")
        with pytest.raises(NotificationError) as failed:
            send(block)
        assert "certificate" in failed.value.log
        assert (box.logins, box.letters) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(whole))
        send(block)
        assert len(box.letters) == len(box.logins) == 1


def certificate(path: Path) -> Path:
    """Write a key, and the certificate that it gave itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    return path
