"""The notice that stands in the place of a recalled pack: a small page, and the same for programs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from workbench.config import Office, shipped
from workbench.errors import StoreError
from workbench.keys import Keys
from workbench.language import languages, words
from workbench.publish.manifest import Digest, Instant, Language, Manifest, Part, Period, Slug
from workbench.publish.signature import signature, wrong_with

NAME = "notice.json"
SIGNATURE = "notice.sig"
PAGE = "briefing.html"
"""The page takes the document's place, so that a link to the briefing shows the notice."""


@dataclass(frozen=True)
class Subject:
    """
    What a notice needs to know of the pack it stands for, also where its manifest cannot be read.

    `manifest` is the digest of the manifest as it was found.
    """

    audience: str
    briefing: str
    area: str
    period: str
    version: int
    language: str
    marking: str
    as_of: datetime
    fictional: bool
    manifest: str

    @classmethod
    def of(cls, said: Manifest) -> Subject:
        """Return the subject that a manifest describes."""
        return cls(
            said.audience, said.briefing, said.area, said.period, said.version, said.language, said.marking,
            said.as_of, said.fictional, hashlib.sha256(said.to_bytes()).hexdigest(),
        )  # fmt: skip


class Notice(Part):
    """
    Which pack was recalled, and when; neither why nor a word of what it said.

    `manifest` is the digest of the recalled pack's manifest, `page` that of the page beside the notice.
    """

    status: Literal["recalled"] = "recalled"
    audience: Slug
    briefing: Slug
    area: Slug
    period: Period
    version: Annotated[int, Field(ge=1)]
    language: Language
    marking: str
    as_of: Instant
    recalled_on: date
    manifest: Digest
    page: Digest

    def to_bytes(self) -> bytes:
        """Return it as JSON; equal notices, equal bytes."""
        content = self.model_dump(mode="json")
        return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode("utf-8")

    @classmethod
    def from_bytes(cls, content: bytes) -> Notice:
        """Return the notice that `to_bytes` wrote; raises StoreError if it is anything else."""
        try:
            notice = cls.model_validate_json(content)
        except ValidationError:
            notice = None
        if notice is None or notice.to_bytes() != content:
            raise StoreError("A notice of a recall is not as the workbench writes it. Recall the pack again.")
        return notice


def superseding(manifest: Manifest, notices: Iterable[Notice]) -> int | None:
    """
    Return the recalled version that had replaced this one for its readers; None if there is none.

    Of several the first after it. Such a version knew as much and more: what it corrected was found wrong,
    and does not become right again because the correction was recalled.
    """
    place = (manifest.briefing, manifest.area, manifest.period, manifest.language)
    return min(
        (
            one.version
            for one in notices
            if (one.briefing, one.area, one.period, one.language) == place
            and one.version > manifest.version
            and one.as_of >= manifest.as_of
        ),
        default=None,
    )


def files(notice: Notice, page: bytes, keys: Keys) -> dict[str, bytes]:
    """Return the files that stand in a recalled pack's place, in the order in which they are written."""
    content = notice.to_bytes()
    return {SIGNATURE: signature(content, keys), NAME: content, PAGE: page}


def of(subject: Subject, office: Office, *, on: date) -> tuple[Notice, bytes]:
    """Return the notice for a pack, and its page; both say nothing that the office's entries do not."""
    page = page_of(subject, office, on=on)
    notice = Notice(
        audience=subject.audience, briefing=subject.briefing, area=subject.area, period=subject.period,
        version=subject.version, language=subject.language, marking=subject.marking,
        as_of=subject.as_of, recalled_on=on, manifest=subject.manifest,
        page=hashlib.sha256(page).hexdigest(),
    )  # fmt: skip
    return notice, page


def verify(folder: Path, *, public: bytes | None) -> tuple[str, ...]:
    """Return what is wrong with a recalled pack's folder, by file; nothing if it holds the notice only."""
    content = (folder / NAME).read_bytes()
    try:
        notice = Notice.from_bytes(content)
    except StoreError as problem:
        return (f"{NAME}: {problem}",)
    wrong = []
    said = wrong_with(content, folder / SIGNATURE, public) if public is not None else None
    if said:
        wrong.append(f"{SIGNATURE}: {said}")
    try:
        same = hashlib.sha256((folder / PAGE).read_bytes()).hexdigest() == notice.page
    except OSError:
        same = False
    if not same:
        wrong.append(f"{PAGE}: it is not the page of the notice")
    strangers = {entry.name for entry in folder.iterdir()} - {NAME, SIGNATURE, PAGE}
    return (*wrong, *(f"{name}: it does not belong to a recalled pack" for name in sorted(strangers)))


def page_of(subject: Subject, office: Office, *, on: date) -> bytes:
    """Return the page that stands in the place of a pack recalled on a day."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    spoken = words(subject.language if subject.language in languages() else office.languages[0])
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    titles = {one.slug: one.title for one in office.briefing}
    areas = {one.slug: one.name for one in office.area}
    readers = {one.slug: one.name for one in office.audience}
    page = environment.get_template("notice.html.j2").render(
        language=spoken.language,
        direction=spoken.direction,
        marking=subject.marking,
        title=titles.get(subject.briefing, subject.briefing),
        area=areas.get(subject.area, subject.area),
        edition=spoken.say("{audience} edition", audience=readers.get(subject.audience, subject.audience)),
        issue=spoken.say("Week {week}, version {version}", week=subject.period, version=str(subject.version)),
        recalled=spoken.say("Recalled on {date}: do not use this issue.", date=spoken.day(on)),
        what=spoken.say("Delete every copy of it, and do not pass it on."),
        fiction=spoken.say("SAMPLE DATA: places, people and events are fictional")
        if subject.fictional
        else "",
    )
    return page.encode("utf-8")
