"""What a message about one issue holds: as configured, or less where that might show too much."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from workbench import document
from workbench.audience import policy
from workbench.config import Office
from workbench.config.mail import Content, Delivery, too_high
from workbench.document import Issue as Rendering
from workbench.keys import keys_of
from workbench.language import words
from workbench.outbox import _message, _names
from workbench.outbox._message import Attachment
from workbench.outbox._sealed import SUFFIX, sealed
from workbench.outbox._standing import Issue
from workbench.publish import changes, documents

_PDF = "briefing.pdf"


@dataclass(frozen=True)
class Prepared:
    """A message about an issue, all but who gets it; `lowered` is why it says less than configured, or ""."""

    subject: str
    body: str
    attachments: tuple[Attachment, ...]
    content: Content
    lowered: str


def allowed(office: Office, entry: Delivery, issue: Issue) -> tuple[Content, str]:
    """
    Return what a message about an issue may hold, and why that is less than configured, or "".

    The levels of [mail] are held against the audience's again, though the configuration was refused if they
    did not fit. What an audience may read today says nothing of a pack that was made when it might read
    more: where its policy is another since, a note goes out, encrypted or not.
    """
    content: Content = entry.content or "note"
    audience = office.audience_called(entry.audience)
    if content == "note":
        return content, ""
    if issue.manifest.digests.get("policy") != policy(office, audience).digest:
        return "note", "the audience's policy has changed since the pack was made"
    if not entry.age_recipients and (office.mail is None or too_high(office.mail, audience, content)):
        return "note", "its level is above what [mail] allows"
    if _PDF not in issue.manifest.files:
        return "note", "the pack holds no PDF"
    if content == "text" and documents.kept(office, issue.manifest.document) is None:
        return "pdf", "the document it was set from is not kept any more"
    return content, ""


def prepared(office: Office, entry: Delivery, issue: Issue) -> Prepared:
    """
    Return the message about an issue that was verified just now.

    Its text edition is set from the document whose digest the signed manifest holds, its PDF is the one that
    the manifest gives. Raises ConfigurationError for keys of age that cannot be used, UserError where the
    PDF is not the signed one.
    """
    said = issue.manifest
    content, lowered = allowed(office, entry, issue)
    spoken = words(said.language)
    subject = _message.ready_subject(spoken, week=said.period, corrects=said.corrects)
    files: list[Attachment] = []
    text = ""
    # neither area nor briefing: a mail program shows the names of files, and a phone does on its lock screen
    name = f"briefing-{said.period}-v{said.version}"
    if content != "note":
        files.append(Attachment(f"{name}.pdf", "pdf", _pdf(issue)))
        if content == "text":
            text = _text(office, issue)
    if entry.age_recipients:
        if text:
            files.append(Attachment(f"{name}.txt", "plain", text.encode("utf-8")))
        files = [
            Attachment(one.name + SUFFIX, "octet-stream", sealed(one.content, entry.age_recipients))
            for one in files
        ]
        text = ""
    holds = "note" if not files else "age" if entry.age_recipients else "pdf"
    note = _message.note(
        spoken, week=said.period, version=said.version, corrects=said.corrects, holds=holds,
        reference=_names.reference(keys_of(office), issue.edition), fictional=said.fictional,
    )  # fmt: skip
    return Prepared(subject, text or note, tuple(files), content, lowered)


def _pdf(issue: Issue) -> bytes:
    content = (issue.folder / _PDF).read_bytes()
    if hashlib.sha256(content).hexdigest() != issue.manifest.files[_PDF]:
        raise OSError(_PDF)
    return content


def _text(office: Office, issue: Issue) -> str:
    """Return the text edition, as its pages say it: marked, and with what it corrects."""
    said = issue.manifest
    kept = documents.kept(office, said.document)
    if kept is None:
        raise OSError(said.document)
    whole = changes.told(
        kept, said.changes, version=said.version, corrects=said.corrects, spoken=words(said.language)
    )
    rendering = Rendering(said.version, said.corrects)
    return document.render(whole, "text", issue=rendering, office=office.root).decode("utf-8")
