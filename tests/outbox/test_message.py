"""What goes into a message cannot get out of its place."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.outbox.offices import NOW
from workbench.language import languages, words
from workbench.outbox._message import Attachment, Envelope, composed, note, ready_subject
from workbench.outbox._server import _dotted

HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip
ENVELOPE = Envelope("desk@office.example", "one@partner.example", "abc@office.example", NOW)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
NASTY = st.one_of(
    TEXT,
    TEXT.map(lambda said: f"x\r\nBcc: evil@example.org\r\n\r\n{said}"),
    TEXT.map(lambda said: f"\n.\n{said}"),
)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


@settings(max_examples=60)
@given(subject=NASTY, body=NASTY, content=st.binary(max_size=80))
def test_no_text_adds_a_header_or_a_recipient(subject: str, body: str, content: bytes) -> None:
    """Either the message is refused, or it has its own headers alone, one address, and the same text."""
    try:
        made = composed(ENVELOPE, subject, body, [Attachment("briefing.pdf", "pdf", content)])
    except ValueError:
        assert subject.splitlines() != [subject]
        return
    assert made.isascii()
    assert b"\n" not in made.replace(b"\r\n", b"")
    read = message_from_bytes(made, policy=default)
    assert {name.casefold() for name in read} <= HEADERS
    assert [one.addr_spec for one in read["To"].addresses] == ["one@partner.example"]
    part = read.get_body(("plain",))
    assert part is not None
    assert _lines(part.get_content()) == _lines(body)
    assert [one.get_payload(decode=True) for one in read.iter_attachments()] == [content]


@given(st.binary(max_size=200))
def test_no_message_ends_early(message: bytes) -> None:
    """No line that is a dot alone leaves before the end; undone, the message is the same."""
    sent = _dotted(message)
    assert sent.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + sent
    lines = sent[:-2].split(b"\r\n")
    undone = b"\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    plain = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert undone == plain.removesuffix(b"\n") or undone == plain


def test_notes_are_in_the_language_of_the_issue() -> None:
    """In each language a note names week and reference, and no place in it is left open."""
    for language in languages():
        spoken = words(language)
        for corrects in (None, 1):
            said = note(
                spoken, week="2026-W46", version=2, corrects=corrects, holds="pdf", reference="7QX2MD",
                fictional=True,
            )  # fmt: skip
            subject = ready_subject(spoken, week="2026-W46", corrects=corrects)
            assert "{" not in said + subject
            assert "2026-W46" in subject
            assert "7QX2MD" in said
