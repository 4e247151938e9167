"""Messages: one to one reader, whose subject and note say of an issue only its week and its version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from workbench.language import Words

_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
"""Lines that end in CRLF, and nothing but ASCII: whatever server is on the way can pass it on."""


@dataclass(frozen=True)
class Attachment:
    """A file of a message: its neutral name, its kind below `application/`, and its bytes."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Envelope:
    """
    Who gets a message from whom, and under which Message-ID (without brackets).

    `follows`: the Message-ID of the message to the same reader that this one is about.
    """

    sender: str
    recipient: str
    message: str
    at: datetime
    follows: str = ""


def composed(envelope: Envelope, subject: str, body: str, attachments: Sequence[Attachment] = ()) -> bytes:
    """
    Return a message as it is handed to the server: CRLF, ASCII, exactly one address in `To`.

    Nothing given can add a header: the message library refuses a line end in one.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = envelope.sender
    message["To"] = envelope.recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(envelope.at.astimezone(UTC))
    message["Message-ID"] = f"<{envelope.message}>"
    if envelope.follows:
        message["In-Reply-To"] = f"<{envelope.follows}>"
        message["References"] = f"<{envelope.follows}>"
    # RFC 3834: whoever answers by a program must not answer this
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, subtype="plain", charset="utf-8")
    for one in attachments:
        message.add_attachment(
            one.content, maintype="application", subtype=one.kind, filename=one.name, disposition="attachment"
        )
    return message.as_bytes()


def ready_subject(spoken: Words, *, week: str, corrects: int | None) -> str:
    """Return the subject of a message about an issue."""
    if corrects is None:
        return spoken.say("Briefing {week} is ready", week=week)
    return spoken.say("Briefing {week}: a corrected version is ready", week=week)


def note(  # noqa: PLR0913  # what a note may say, and nothing else
    spoken: Words,
    *,
    week: str,
    version: int,
    corrects: int | None,
    holds: str,
    reference: str,
    fictional: bool,
) -> str:
    """Return a note that an issue is ready; `holds` is `note`, `pdf` or `age`, what comes with it."""
    if corrects is None:
        first = spoken.say("The briefing for week {week} is ready.", week=week)
    else:
        first = spoken.say(
            "A corrected version of the briefing for week {week} is ready: version {version} replaces "
            "version {corrected}. Do not use version {corrected} any more.",
            week=week, version=str(version), corrected=str(corrects),
        )  # fmt: skip
    where = {
        "note": spoken.say("You find it where your office keeps its briefings."),
        "pdf": spoken.say("It is attached to this message. Handle it as the marking on its pages says."),
        "age": spoken.say("It is attached to this message, encrypted: open it with your age key."),
    }[holds]
    return _lines(first, where, *_end(spoken, reference, fictional=fictional))


def recalled_subject(spoken: Words, *, week: str, version: int) -> str:
    """Return the subject of a note that an issue was recalled."""
    return spoken.say("Briefing {week}: version {version} was recalled", week=week, version=str(version))


def recalled_note(spoken: Words, *, week: str, version: int, reference: str, fictional: bool) -> str:
    """Return the note that an issue was recalled: what to do with it, and neither why nor a word of it."""
    return _lines(
        spoken.say(
            "Version {version} of the briefing for week {week} was recalled: do not use it, nor any version "
            "before it.",
            week=week, version=str(version),
        ),
        spoken.say("Delete every copy of it, and do not pass it on."),
        *_end(spoken, reference, fictional=fictional),
    )  # fmt: skip


def _end(spoken: Words, reference: str, *, fictional: bool) -> tuple[str, ...]:
    said = (spoken.say("Reference: {reference}", reference=reference),)
    if fictional:
        return (*said, spoken.say("SAMPLE DATA: places, people and events are fictional"))
    return said


def _lines(*passages: str) -> str:
    return "\n\n".join(passages) + "\n"
