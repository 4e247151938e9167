"""What the index page says of each pack: the last word on each briefing, and every issue by week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from workbench.config import Office
from workbench.language import Words
from workbench.publish import pack
from workbench.publish.compare import Comparison
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice, superseding


@dataclass(frozen=True)
class Link:
    """A link to a file of a pack: relative address, its text, and the language it is in."""

    address: str
    text: str
    name: str
    language: str


@dataclass(frozen=True)
class Entry:
    """One pack, in words."""

    title: str
    week: str
    days: str
    known: str
    version: str
    bottom_line: str
    language: str
    tongue: str
    links: tuple[Link, ...]
    corrected: str
    changes: tuple[str, ...] = ()
    recalled: str = ""
    others: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Period:
    """A week of the archive: its heading and its packs."""

    week: str
    days: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Year:
    """A year of the archive: its number and its weeks."""

    name: str
    periods: tuple[Period, ...]


Compared = Mapping[tuple[str, ...], Sequence[Comparison]]
"""The pages that compare an issue, by the `key` of the later of the two."""


def key(one: Manifest) -> tuple[str, ...]:
    """Return what tells a version of an issue from all others of its audience."""
    return one.briefing, one.area, one.period, one.language, str(one.version)


def latest(
    manifests: Sequence[Manifest], recalled: Sequence[Notice], office: Office
) -> list[Manifest | Notice]:
    """
    Return the last word on each briefing and area, and after a recall also the last issue that stands.

    In the order in which the office names its briefings and areas; those it names no more come last.
    """
    first = office.languages[0]
    briefings, areas = ([one.slug for one in part] for part in (office.briefing, office.area))
    found: dict[tuple[str, str], Manifest] = {}
    for manifest in manifests:
        topic = manifest.briefing, manifest.area
        stands = superseding(manifest, recalled) is None
        if stands and (topic not in found or _rank(manifest, first) > _rank(found[topic], first)):
            found[topic] = manifest
    gone: dict[tuple[str, str], Notice] = {}
    for notice in recalled:
        topic = notice.briefing, notice.area
        if topic not in gone or _rank(notice, first) > _rank(gone[topic], first):
            gone[topic] = notice
    said: list[Manifest | Notice] = []
    for topic in sorted({*found, *gone}, key=lambda one: (_place(one[0], briefings), _place(one[1], areas))):
        notice_of, issue = gone.get(topic), found.get(topic)
        if notice_of and not (issue and _rank(issue, first) > _rank(notice_of, first)):
            said.append(notice_of)
        if issue:
            said.append(issue)
    return said


def _place(slug: str, named: Sequence[str]) -> tuple[int, str]:
    return (named.index(slug) if slug in named else len(named)), slug


def _rank(one: Manifest | Notice, first: str) -> tuple[str, bool, datetime, int, str]:
    return one.period, one.language == first, one.as_of, one.version, one.language


def archive(
    manifests: Sequence[Manifest],
    recalled: Sequence[Notice],
    office: Office,
    spoken: Words,
    compared: Compared,
) -> list[Year]:
    periods = []
    every: list[Manifest | Notice] = [*manifests, *recalled]
    for slug in sorted({one.period for one in every}, reverse=True):
        inside = sorted(
            (one for one in every if one.period == slug),
            key=lambda one: (one.briefing, one.area, one.language, -one.version),
        )
        week = office.week(slug)
        there = [one for one in inside if isinstance(one, Manifest)]
        entries = tuple(told(one, there, recalled, office, spoken, compared) for one in inside)
        periods.append(Period(week.slug, spoken.days(week.first_day, week.last_day), entries))
    return [Year(name, tuple(some)) for name, some in groupby(periods, key=lambda one: one.week[:4])]


def told(
    one: Manifest | Notice,
    manifests: Iterable[Manifest],
    recalled: Sequence[Notice],
    office: Office,
    spoken: Words,
    compared: Compared,
) -> Entry:
    if isinstance(one, Notice):
        return _taken_back(one, office, spoken)
    return _entry(one, manifests, recalled, office, spoken, compared)


def _entry(
    manifest: Manifest,
    manifests: Iterable[Manifest],
    recalled: Sequence[Notice],
    office: Office,
    spoken: Words,
    compared: Compared,
) -> Entry:
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
    return Entry(
        title=manifest.title,
        week=spoken.say("Week {week}", week=week.slug),
        days=spoken.days(week.first_day, week.last_day),
        known=spoken.say("data known on {instant}", instant=spoken.instant(manifest.as_of)),
        version=version,
        bottom_line=manifest.bottom_line,
        language=manifest.language,
        tongue="" if manifest.language == office.languages[0] else _tongue(manifest.language),
        links=(*_links(manifest, office, spoken), *_comparisons(manifest, spoken, compared)),
        corrected=spoken.say("corrected by version {version}", version=str(max(newer))) if newer else gone,
        changes=manifest.changes,
    )


def _taken_back(said: Notice, office: Office, spoken: Words) -> Entry:
    """Return the entry of a recalled pack: what it was, and that it is not to be used; no word of it."""
    week = office.week(said.period)
    titles = {one.slug: one.title for one in office.briefing}
    areas = {one.slug: one.name for one in office.area}
    return Entry(
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


def _links(manifest: Manifest, office: Office, spoken: Words) -> tuple[Link, ...]:
    folder = _folder(manifest, office)
    # a link's name says where it leads even to those who hear it out of its place
    place = f"{manifest.title}, {manifest.period}, {manifest.version}"
    return tuple(
        Link(f"{folder}/{name}", text, f"{text}: {place}", manifest.language)
        for name, text in (("briefing.html", spoken.say("Read")), ("briefing.pdf", spoken.say("PDF")))
        if name in manifest.files
    )


def _comparisons(manifest: Manifest, spoken: Words, compared: Compared) -> Iterator[Link]:
    for one in compared.get(key(manifest), ()):
        earlier = one.pair.earlier
        if one.pair.versions:
            text = spoken.say("Compare with version {version}", version=str(earlier.version))
        else:
            text = spoken.say("Compare with week {week}", week=earlier.period)
        yield Link(
            one.name, text, f"{text}: {manifest.title}, {manifest.period}, {manifest.version}",
            manifest.language,
        )  # fmt: skip


def others(
    manifest: Manifest, manifests: Iterable[Manifest], recalled: Sequence[Notice], office: Office
) -> tuple[Link, ...]:
    """Return links to the same issue in other languages, the newest version that stands of each."""
    found: dict[str, Manifest] = {}
    for one in manifests:
        same = (one.briefing, one.area, one.period) == (manifest.briefing, manifest.area, manifest.period)
        if not same or one.language == manifest.language or superseding(one, recalled) is not None:
            continue
        before = found.get(one.language)
        if before is None or (one.as_of, one.version) > (before.as_of, before.version):
            found[one.language] = one
    return tuple(
        Link(f"{_folder(one, office)}/briefing.html", _tongue(language), _tongue(language), language)
        for language, one in sorted(found.items())
        if "briefing.html" in one.files
    )


def _folder(manifest: Manifest, office: Office) -> str:
    folder = pack.folder_of(Path(), manifest, first_language=office.languages[0])
    return folder.relative_to(manifest.audience).as_posix()


def _tongue(language: str) -> str:
    from babel import Locale

    return Locale.parse(language, sep="-").get_display_name() or language
