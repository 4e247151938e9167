"""A small office with readers, a mail server and packs that were released; everything in it is invented."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.outbox.server import PASSWORD, USER
from tests.publish.packs import AS_OF, KEYS, manifest
from workbench import audit
from workbench.audience import policy
from workbench.blocks import Callout, Masthead, Text
from workbench.config import Office, load, shipped
from workbench.document import Document
from workbench.outbox import Dispatched, dispatch
from workbench.publish import documents, drafts, index, pack
from workbench.publish.manifest import Manifest

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
READERS = {
    "leadership": ("rr@agency.example", "head@agency.example"),
    "internal": ("field@office.example", "adviser@office.example"),
    "partners": ("first@partner.example", "second@partner.example", "third@partner.example"),
}
ANALYSTS = "analysts@office.example"
MARKS = {"leadership": "STRICTLY CONFIDENTIAL", "internal": "CONFIDENTIAL", "partners": "FOR PARTNERS"}


def canary(audience: str, kind: str) -> str:
    """Return a word that only one kind of part of one audience's packs holds."""
    return f"zq{audience}{kind}qz"


@dataclass(frozen=True)
class Desk:
    """An office's folder, and what is said to its mail server."""

    folder: Path

    @property
    def office(self) -> Office:
        """The office as its file says now."""
        return load(self.folder)

    def say(self, delivery: str, mail: str | None = None) -> Office:
        """Write the [[delivery]] entries, and [mail] if it is given, anew."""
        file = self.folder / "workbench.toml"
        kept = file.read_text(encoding="utf-8").partition("\n# mail\n")
        before = kept[2].partition("\n# delivery\n")[0]
        said = before if mail is None else mail
        text = f"{kept[0]}\n# mail\n{said}\n# delivery\n{delivery}"
        file.write_text(text, encoding="utf-8")
        return self.office

    def readers(self, audience: str, *addresses: str) -> Office:
        """Write the recipients of an audience anew."""
        file = self.folder / "workbench.toml"
        text = file.read_text(encoding="utf-8")
        head, mark, rest = text.partition(f'[[audience]]\nslug = "{audience}"\n')
        lines = rest.split("\n")
        assert lines[0].startswith("recipients")
        lines[0] = f"recipients = {list(addresses)!r}".replace("'", '"')
        file.write_text(head + mark + "\n".join(lines), encoding="utf-8")
        return self.office

    def release(self, audience: str, **said: Any) -> Path:
        """Release a pack: its files, its document, its line in the log and its index page."""
        return released(self.office, audience, **said)

    def send(self, *, after: timedelta = timedelta(), at_once: bool = False) -> Dispatched:
        """Dispatch, some time after `NOW`."""
        return dispatch(self.office, now=NOW + after, progress=lambda _: None, at_once=at_once)


def desk(folder: Path) -> Desk:
    """Make the office in a folder, with readers and nothing released; only what the outbox needs."""
    folder.mkdir(parents=True)
    text = shipped("workbench.toml").read_text(encoding="utf-8")
    for audience, addresses in READERS.items():
        said = f"recipients = {list(addresses)!r}".replace("'", '"')
        text = text.replace(f'slug = "{audience}"\n', f'slug = "{audience}"\n{said}\n', 1)
    (folder / "workbench.toml").write_text(text, encoding="utf-8")
    shutil.copytree(shipped("notebooks"), folder / "notebooks")
    return Desk(folder)


def mail(port: int, trusted: Path | None, *, security: str = "starttls", more: str = "") -> str:
    """Return [mail] for a server on loopback; the password stands in a file."""
    login = f'user = "{USER}"\npassword = "file:private/mail.txt"\n' if security != "none" else ""
    trust = f'ca_file = "{trusted.as_posix()}"\n' if trusted else ""
    return (
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n{login}{trust}'
        f'sender = "desk@office.example"\nanalysts = ["{ANALYSTS}"]\ntime_limit = 5\n{more}'
    )


def password(folder: Path, said: str = PASSWORD) -> None:
    """Put the password where `mail` says."""
    file = folder / "private" / "mail.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text(said + "\n", encoding="utf-8")
    file.chmod(0o600)


def delivery(slug: str, audience: str, kind: str = "mail", **said: object) -> str:
    """Return one [[delivery]] entry."""
    lines = [f'slug = "{slug}"', f'audience = "{audience}"', f'kind = "{kind}"']
    for name, value in said.items():
        written = f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')
        lines.append(f"{name} = {written}")
    return "\n[[delivery]]\n" + "\n".join(lines) + "\n"


def released(office: Office, audience: str, *, at: datetime = NOW, pdf: bytes = b"", **said: Any) -> Path:
    """Release one pack of the weekly briefing to an audience."""
    reader = office.audience_called(audience)
    version = said.get("version", 1)
    document = _document(audience, said.get("period", "2026-W46"), version)
    files = {
        "briefing.html": f"<p>{canary(audience, 'page')} {version}</p>".encode(),
        "briefing.pdf": pdf or f"%PDF {canary(audience, 'pdf')} {version}".encode(),
    }
    made: Manifest = manifest(
        files,
        **{
            "audience": audience, "marking": reader.marking, "recipients": list(reader.recipients),
            "document": documents.keep(office, document), "bottom_line": canary(audience, "line"),
            "digests": {"view": "1" * 64, "policy": policy(office, reader).digest},
            "corrects": version - 1 or None, "as_of": AS_OF + timedelta(hours=version - 1),
        }
        | said,
    )  # fmt: skip
    outputs = office.path(office.outputs)
    act = "released" if made.corrects is None else "corrected"
    audit.append(office, act, by="Head", at=at, edition=drafts.edition(made), document=made.document)
    folder = pack.write(outputs, made, files, first_language=office.languages[0], keys=KEYS)
    index.write(outputs, audience=reader, office=office)
    return folder


def _document(audience: str, week: str, version: int) -> Document:
    masthead = Masthead(
        title=f"Weekly conflict briefing: {canary(audience, 'title')}", area="Kestara Province", period=week,
        facts=(f"Week {week}",), marking=MARKS[audience], edition=audience, audience=audience,
        briefing="weekly_conflict", as_of=AS_OF.isoformat(), language="en", direction="ltr",
        fiction="SAMPLE DATA: places, people and events are fictional", note="",
        labels={
            "contents": "Contents", "page": "Page {page} of {pages}", "issue_version": "version {version}",
            "corrects": "corrects version {version}", "alternative": "Data",
        },
    )  # fmt: skip
    line = Callout("bottom_line", "Bottom line.", f"{canary(audience, 'line')} {version}")
    # a line that begins with a dot: the last one of a message looks like this
    return Document(masthead, (line, Text.plain(f"{canary(audience, 'text')} {version}"), Text.plain(".")))


def digest(content: bytes) -> str:
    """Return SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its name relative to it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
