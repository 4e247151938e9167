"""A real mail server on loopback, which takes, refuses or hangs up as a test says."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "desk", "correct horse"


@dataclass
class Mailbox:
    """What reached a server, as (envelope's recipient, message); and how it is to behave."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    """Recipient -> the answer to RCPT."""
    hang_up: dict[str, str] = field(default_factory=dict)
    """Recipient -> `data` (in the middle of the message) or `end` (after its last dot, before the answer)."""
    answer: str = "250 taken"
    pause: float = 0
    """Seconds before a recipient is answered."""
    hello: list[str] = field(default_factory=list)
    port: int = 0

    def to(self, address: str) -> list[EmailMessage]:
        """Return what came for one recipient."""
        return [message for recipient, message in self.taken if recipient == address]

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's hook
        """Take or refuse a recipient."""
        del server, options
        self.hello.append(session.host_name)
        await asyncio.sleep(self.pause)
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's hook
        """Take a message that came to its end."""
        del session
        assert len(envelope.rcpt_tos) == 1
        if self.answer.startswith("2"):
            self.raw.append(envelope.content)
            message = message_from_bytes(envelope.content, policy=default)
            self.taken.append((envelope.rcpt_tos[0], message))
        if self.hang_up.get(envelope.rcpt_tos[0]) == "end":
            server.transport.abort()
        return self.answer


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        box: Mailbox = self.event_handler
        if self.envelope.rcpt_tos and box.hang_up.get(self.envelope.rcpt_tos[0]) == "data":
            await self.push("354 go on")
            await self._reader.readuntil(b"\r\n")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def _authenticate(server: SMTP, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    del server, session, envelope, mechanism
    fine = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=fine, handled=False)


@contextmanager
def serving(context: ssl.SSLContext | None, *, security: str = "starttls") -> Iterator[Mailbox]:
    """Run a server that asks for a login; `security`: starttls (required), tls at once, or none."""
    box = Mailbox()
    loop = asyncio.new_event_loop()
    said: dict[str, Any] = {"timeout": 20}
    if security == "starttls":
        said |= {"tls_context": context, "require_starttls": True}
    if security != "none":
        said |= {"authenticator": _authenticate, "auth_require_tls": security == "starttls"}

    def made() -> _Server:
        one = _Server(box, hostname="mail.test", loop=loop, **said)
        # said to its constructor, it warns that it sees no TLS: behind TLS from the first byte it cannot
        one._auth_required = security != "none"
        return one

    async def begin() -> asyncio.AbstractServer:
        wrapped = context if security == "tls" else None
        return await loop.create_server(made, "127.0.0.1", 0, ssl=wrapped)

    server = loop.run_until_complete(begin())
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def end() -> None:
        server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)

    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def certificates(folder: Path, *, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Make an authority and a certificate for `host`; return the server's context, the authority's file."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    # not the office's clock: TLS goes by the machine's
    now = datetime.now(UTC)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def begun(subject: str, public: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("test authority"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )

    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    own = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    root = (
        begun("test authority", authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(own, critical=False)
        .sign(authority, SHA256())
    )
    try:
        other: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        other = x509.DNSName(host)
    leaf = (
        begun(host, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
        .sign(authority, SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    trusted, chain = folder / "ca.pem", folder / "server.pem"
    trusted.write_bytes(root.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(leaf.public_bytes(Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context, trusted
