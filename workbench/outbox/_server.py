"""The mail server: TLS, login, and a dialogue that tells at which moment something went wrong."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress

from workbench.config import Office
from workbench.config.mail import Mail
from workbench.errors import ConfigurationError, UserError
from workbench.outbox._password import password_of

_SILENCES = 3
"""Messages in a row without an answer after which a server is left alone until the next dispatch."""


class NotSent(UserError):
    """A message did not leave; `reason` is a word of `REMEDIES`, with the server's code where it gave one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Later(NotSent):
    """It did not leave this time."""


class Refused(NotSent):
    """The server refuses it for good."""


class NoAnswer(NotSent):
    """The server has the whole message, and its answer never came: it may have left."""


class Server:
    """
    A connection to the office's server, opened when it is first needed and again after it broke.

    Where it cannot be opened, everything else of this dispatch fails for the same reason, at once. No word
    of the server is kept but its codes: it may repeat an address.
    """

    def __init__(self, office: Office, mail: Mail) -> None:
        self._office = office
        self._mail = mail
        self._smtp: smtplib.SMTP | None = None
        self._broken: Later | None = None
        self._silences = 0

    def send(self, message: bytes, recipient: str, *, before_end: Callable[[], None]) -> None:
        """
        Hand one message to the server for one recipient.

        `before_end` is called when the server has all of it but the end, and nothing has left yet: raises it
        anything, the connection is cut and the message is void. Raises Later, Refused or NoAnswer.
        """
        smtp = self._connected()
        try:
            self._begin(smtp, len(message), recipient)
            smtp.send(_dotted(message))
            if not _silent(smtp):
                raise smtplib.SMTPServerDisconnected  # it has hung up, or is about to
            before_end()
        except NotSent as problem:
            self._silences = 0
            self._reset(problem)
            raise
        except (smtplib.SMTPException, OSError) as problem:
            raise self._lost(problem) from None
        except BaseException:
            self.close(quietly=True)
            raise
        try:
            smtp.send(b".\r\n")
            code, _ = smtp.getreply()
        except (smtplib.SMTPException, OSError):
            self.close(quietly=True)
            raise NoAnswer("no_answer") from None
        self._silences = 0
        if code // 100 == 2:
            return
        answer = _judged("message", code)
        self._reset(answer)
        raise answer

    def _begin(self, smtp: smtplib.SMTP, size: int, recipient: str) -> None:
        options = [f"SIZE={size}"] if smtp.has_extn("size") else []
        code, _ = smtp.mail(self._mail.sender, options)
        if code == 552:
            raise Refused(f"message {code}")
        if code != 250:
            raise Later(f"sender {code}")
        code, _ = smtp.rcpt(recipient)
        if code not in (250, 251):
            raise _judged("recipient", code)
        code, _ = smtp.docmd("DATA")
        if code != 354:
            raise _judged("message", code)

    def _connected(self) -> smtplib.SMTP:
        if self._broken is not None:
            raise Later(self._broken.reason)
        if self._smtp is None:
            try:
                self._smtp = self._open()
            except Later as problem:
                self._broken = problem
                raise
        return self._smtp

    def _open(self) -> smtplib.SMTP:
        mail = self._mail
        # what a machine calls itself stands in every message: the sender's domain tells nothing new
        own_name = mail.sender.rpartition("@")[2]
        smtp: smtplib.SMTP | None = None
        try:
            context = _context(self._office, mail)
            if mail.security == "tls":
                smtp = smtplib.SMTP_SSL(
                    mail.host, mail.port, own_name, timeout=mail.time_limit, context=context
                )
            else:
                smtp = smtplib.SMTP(mail.host, mail.port, own_name, timeout=mail.time_limit)
            if mail.security == "starttls":
                smtp.starttls(context=context)
            if mail.security != "none" and not isinstance(smtp.sock, ssl.SSLSocket):
                raise Later("tls")
            smtp.ehlo_or_helo_if_needed()
            if mail.user is not None:
                _login(smtp, mail.user, password_of(self._office, mail))
        except BaseException as problem:
            if smtp is not None:
                smtp.close()
            reason = _reason(problem)
            if reason is None:
                raise
            raise Later(reason) from None
        return smtp

    def _reset(self, problem: NotSent) -> None:
        """Make the connection ready for the next message, or drop it."""
        if problem.reason.endswith(" 421"):
            self.close(quietly=True)
            return
        try:
            if self._smtp is not None and self._smtp.rset()[0] != 250:
                self.close(quietly=True)
        except (smtplib.SMTPException, OSError):
            self.close(quietly=True)

    def _lost(self, problem: Exception) -> Later:
        self.close(quietly=True)
        silent = any(isinstance(one, TimeoutError) for one in (problem, problem.__context__))
        later = Later("time_out" if silent else "disconnected")
        self._silences += 1
        if self._silences >= _SILENCES:
            self._broken = later
        return later

    def close(self, *, quietly: bool = False) -> None:
        """End the connection; `quietly` without a farewell, so that nothing begun is taken as finished."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        if not quietly:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        smtp.close()


def _login(smtp: smtplib.SMTP, user: str, password: str) -> None:
    try:
        smtp.login(user, password)
    except UnicodeEncodeError:
        raise Later("password") from None
    except smtplib.SMTPAuthenticationError as problem:
        raise Later(f"login {problem.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise Later("login") from None


def _context(office: Office, mail: Mail) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if mail.ca_file is not None:
        try:
            context.load_verify_locations(cafile=office.path(mail.ca_file))
        except OSError:
            raise Later("tls") from None
    return context


def _reason(problem: BaseException) -> str | None:
    """Return why a connection could not be opened; None for what is no failure of a connection."""
    if isinstance(problem, NotSent):
        return problem.reason
    if isinstance(problem, ConfigurationError):
        return "password"
    if isinstance(problem, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return "tls"
    if isinstance(problem, TimeoutError):
        return "time_out"
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"connect {problem.smtp_code}"
    return "connect" if isinstance(problem, OSError) else None


def _judged(what: str, code: int) -> NotSent:
    reason = f"{what} {code}"
    return Refused(reason) if code // 100 == 5 else Later(reason)


def _silent(smtp: smtplib.SMTP) -> bool:
    """Whether a server listens still: before the end of a message it has nothing to say."""
    from selectors import EVENT_READ, DefaultSelector

    if smtp.sock is None:
        return False
    with DefaultSelector() as selector:
        selector.register(smtp.sock, EVENT_READ)
        return not selector.select(0)


def _dotted(message: bytes) -> bytes:
    """Return a message as DATA carries it: lines end in CRLF, and one that begins with a dot has two."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    whole = re.sub(rb"(?m)^\.", b"..", lines)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"
