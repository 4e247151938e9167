"""The index page of an audience: its latest issues and its archive, made from its manifests alone."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from workbench.config import Audience, Office, shipped
from workbench.document.html import quoted
from workbench.errors import UserError
from workbench.language import Words, words
from workbench.publish import logged, pack
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice, superseding

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

NAME = "index.html"
_WAIT_SECONDS = 60
TEMPLATE = "index.html.j2"


@dataclass(frozen=True)
class _Link:
    """A link to a file of a pack: relative address, its text, and the language it is in."""

    address: str
    text: str
    name: str
    language: str


@dataclass(frozen=True)
class _Entry:
    """One pack, in words."""

    title: str
    week: str
    days: str
    known: str
    version: str
    bottom_line: str
    language: str
    tongue: str
    links: tuple[_Link, ...]
    corrected: str
    changes: tuple[str, ...] = ()
    recalled: str = ""


@dataclass(frozen=True)
class _Period:
    """A week of the archive: its heading and its packs."""

    week: str
    days: str
    entries: tuple[_Entry, ...]


def write(outputs: Path, *, audience: Audience, office: Office) -> Path:
    """
    Rewrite the index page of an audience from the packs in its folder, and return its path.

    Nothing but `outputs/<audience>/` is read, so the folder can be shared without showing that others
    exist, and of the audit log which of its packs were recalled. The page appears whole, in place of the
    last one.
    """
    folder = outputs / audience.slug
    folder.mkdir(parents=True, exist_ok=True)
    # a slower run must not bring back an older page; the lock lies outside what readers are given
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir()) / f"workbench-{name}.lock", timeout=_WAIT_SECONDS):
        packs = logged.as_recalled(office, pack.published(outputs, audience=audience.slug))
        _replace(folder, render(packs, audience=audience, office=office))
    return folder / NAME


def _replace(folder: Path, page: str) -> None:
    making = folder / f".{NAME}-{secrets.token_hex(8)}"
    try:
        with making.open("xb") as file:
            file.write(page.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / NAME)
    finally:
        making.unlink(missing_ok=True)


def render(packs: pack.Versions, *, audience: Audience, office: Office) -> str:
    """
    Return the index page for these packs as HTML, in the office's first language.

    First the latest version of the latest week of each briefing and area, with its bottom line; then
    every pack by week, newest first. Where the latest was recalled, that comes first, and then the last
    issue that still stands: never one that the recalled version had corrected. The same packs give the
    same bytes. Packs that cannot be read
    are counted on the page. Raises UserError if a pack of another audience is among them.
    """
    spoken = words(office.languages[0])
    manifests = [manifest for _, manifest in packs]
    others = {one.audience for one in manifests} | {one.audience for one in packs.recalled}
    if others - {audience.slug}:
        raise UserError(
            f'A pack in the folder of "{audience.slug}" was made for another audience. '
            "Take it out: it may hold what these readers must not see. Then publish again."
        )
    latest = _latest(manifests, packs.recalled, first=office.languages[0])
    said = {
        "title": spoken.say("Briefings"),
        "edition": spoken.say("Edition: {audience}", audience=audience.name),
        "latest": spoken.say("Latest issues"),
        "archive": spoken.say("All issues"),
        "empty": spoken.say("No briefing has been published yet."),
        "fiction": spoken.say("SAMPLE DATA: places, people and events are fictional")
        if office.fictional
        else "",
        "changes": spoken.say("What this version corrects"),
        "prepared": spoken.say("Prepared by {author}", author=office.prepared_by),
        "unreadable": _unreadable(spoken, len(packs.unreadable)),
    }
    return _template().render(
        said=said,
        marking=audience.marking,
        marking_quoted=_quoted(audience.marking),
        fiction_quoted=_quoted(said["fiction"]),
        office=office.name,
        note=office.standing_note,
        language=spoken.language,
        direction=spoken.direction,
        latest=[_told(one, manifests, packs.recalled, office, spoken) for one in latest],
        archive=_archive(manifests, packs.recalled, office, spoken),
    )


def _unreadable(spoken: Words, number: int) -> str:
    if not number:
        return ""
    return spoken.count(
        "{n} pack cannot be read and is not listed.", "{n} packs cannot be read and are not listed.", number
    )


def _latest(
    manifests: Sequence[Manifest], recalled: Sequence[Notice], *, first: str
) -> list[Manifest | Notice]:
    """Return the last word on each briefing and area, and after a recall also the last issue that stands."""
    found: dict[tuple[str, str], Manifest] = {}
    for manifest in manifests:
        key = manifest.briefing, manifest.area
        stands = superseding(manifest, recalled) is None
        if stands and (key not in found or _rank(manifest, first) > _rank(found[key], first)):
            found[key] = manifest
    gone: dict[tuple[str, str], Notice] = {}
    for notice in recalled:
        key = notice.briefing, notice.area
        if key not in gone or _rank(notice, first) > _rank(gone[key], first):
            gone[key] = notice
    said: list[Manifest | Notice] = []
    for key in sorted({*found, *gone}):
        notice_of, issue = gone.get(key), found.get(key)
        if notice_of and not (issue and _rank(issue, first) > _rank(notice_of, first)):
            said.append(notice_of)
        if issue:
            said.append(issue)
    return said


def _rank(one: Manifest | Notice, first: str) -> tuple[str, bool, datetime, int, str]:
    return one.period, one.language == first, one.as_of, one.version, one.language


def _archive(
    manifests: Sequence[Manifest], recalled: Sequence[Notice], office: Office, spoken: Words
) -> list[_Period]:
    periods = []
    every: list[Manifest | Notice] = [*manifests, *recalled]
    for slug in sorted({one.period for one in every}, reverse=True):
        inside = sorted(
            (one for one in every if one.period == slug),
            key=lambda one: (one.briefing, one.area, one.language, -one.version),
        )
        week = office.week(slug)
        entries = tuple(_told(one, manifests, recalled, office, spoken) for one in inside)
        periods.append(_Period(week.slug, spoken.days(week.first_day, week.last_day), entries))
    return periods


def _told(
    one: Manifest | Notice,
    manifests: Iterable[Manifest],
    recalled: Sequence[Notice],
    office: Office,
    spoken: Words,
) -> _Entry:
    if isinstance(one, Notice):
        return _taken_back(one, office, spoken)
    return _entry(one, manifests, recalled, office, spoken)


def _entry(
    manifest: Manifest,
    manifests: Iterable[Manifest],
    recalled: Sequence[Notice],
    office: Office,
    spoken: Words,
) -> _Entry:
    week = office.week(manifest.period)
    newer = [one.version for one in manifests if one.corrects == manifest.version and _same(one, manifest)]
    lost = superseding(manifest, recalled)
    gone = (
        spoken.say("corrected by version {version}, which was recalled: do not use", version=str(lost))
        if lost
        else ""
    )
    version = (
        spoken.say("Version {version}", version=str(manifest.version))
        if manifest.corrects is None
        else spoken.say(
            "Version {version}, corrects version {corrected}",
            version=str(manifest.version),
            corrected=str(manifest.corrects),
        )
    )
    return _Entry(
        title=manifest.title,
        week=spoken.say("Week {week}", week=week.slug),
        days=spoken.days(week.first_day, week.last_day),
        known=spoken.say("data known on {instant}", instant=spoken.instant(manifest.as_of)),
        version=version,
        bottom_line=manifest.bottom_line,
        language=manifest.language,
        tongue="" if manifest.language == office.languages[0] else _tongue(manifest.language),
        links=_links(manifest, office, spoken),
        corrected=spoken.say("corrected by version {version}", version=str(max(newer))) if newer else gone,
        changes=manifest.changes,
    )


def _taken_back(said: Notice, office: Office, spoken: Words) -> _Entry:
    """Return the entry of a recalled pack: what it was, and that it is not to be used; no word of it."""
    week = office.week(said.period)
    titles = {one.slug: one.title for one in office.briefing}
    areas = {one.slug: one.name for one in office.area}
    return _Entry(
        title=f"{titles.get(said.briefing, said.briefing)}: {areas.get(said.area, said.area)}",
        week=spoken.say("Week {week}", week=week.slug),
        days=spoken.days(week.first_day, week.last_day),
        known="",
        version=spoken.say("Version {version}", version=str(said.version)),
        bottom_line="",
        language=spoken.language,
        tongue="" if said.language == office.languages[0] else _tongue(said.language),
        links=(),
        corrected="",
        recalled=spoken.say("recalled on {date}: do not use", date=spoken.day(said.recalled_on)),
    )


def _same(one: Manifest, other: Manifest) -> bool:
    return (one.briefing, one.area, one.period, one.language) == (
        other.briefing,
        other.area,
        other.period,
        other.language,
    )


def _links(manifest: Manifest, office: Office, spoken: Words) -> tuple[_Link, ...]:
    here = Path()
    folder = pack.folder_of(here, manifest, first_language=office.languages[0]).relative_to(manifest.audience)
    # a link's name says where it leads even to those who hear it out of its place
    place = f"{manifest.title}, {manifest.period}, {manifest.version}"
    return tuple(
        _Link((folder / name).as_posix(), text, f"{text}: {place}", manifest.language)
        for name, text in (("briefing.html", spoken.say("Read")), ("briefing.pdf", spoken.say("PDF")))
        if name in manifest.files
    )


def _tongue(language: str) -> str:
    from babel import Locale

    return Locale.parse(language, sep="-").get_display_name() or language


def _quoted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(quoted(text))  # noqa: S704  # nothing is left in it that could be markup


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment: Any = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template: Template = environment.get_template(TEMPLATE)
    return template
