"""What has become of each version of an issue: draft, reviewed, released, corrected or recalled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.config import Office
from workbench.publish import drafts, logged, pack
from workbench.publish.drafts import Draft
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice, superseding


@dataclass(frozen=True)
class VersionState:
    """
    One version of an issue, and its state in words for a list.

    `draft`, `draft, replaced by version 3`, `reviewed, 1 of 2`, `released`, `corrected by version 2`,
    `corrected by version 2, recalled` (nothing stands in its place) or `recalled on 2026-11-17`.
    """

    period: str
    version: int
    language: str
    as_of: datetime
    state: str


def last_issue(office: Office, *, audience: str, briefing: str, area: str) -> tuple[VersionState, ...]:
    """Return every version of the latest week that has one, drafts too, oldest first."""
    place = Path(audience) / briefing / area
    given = logged.as_recalled(office, pack.of_area(office.path(office.outputs) / place))
    drafted = pack.of_area(drafts.root(office) / place)
    periods = [one.period for _, one in (*given, *drafted)] + [one.period for one in given.recalled]
    if not periods:
        return ()
    last = max(periods)
    released = [one for _, one in given if one.period == last]
    out: dict[tuple[int, str], tuple[Manifest | Notice, str]] = {}
    for one in released:
        newer = [
            other.version
            for other in released
            if (other.corrects, other.language) == (one.version, one.language)
        ]
        gone = superseding(one, given.recalled)
        state = f"corrected by version {gone}, recalled" if gone else "released"
        out[one.version, one.language] = one, f"corrected by version {max(newer)}" if newer else state
    for notice in given.recalled:
        if notice.period == last:
            out[notice.version, notice.language] = notice, f"recalled on {notice.recalled_on}"
    waiting = [one for _, one in drafted if one.period == last and (one.version, one.language) not in out]
    for one in waiting:
        newer = [number for number, language in out if language == one.language and number > one.version]
        newer += [
            other.version
            for other in waiting
            if other.language == one.language and other.version > one.version
        ]
        state = f"draft, replaced by version {max(newer)}" if newer else _reviewed(office, one, given)
        out[one.version, one.language] = one, state
    return tuple(
        VersionState(last, number, language, said.as_of, state)
        for (number, language), (said, state) in sorted(out.items())
    )


def _reviewed(office: Office, manifest: Manifest, given: pack.Versions) -> str:
    folder = pack.folder_of(drafts.root(office), manifest, first_language=office.languages[0])
    people = len(drafts.reviewers(office, Draft(folder, manifest)))
    recalled = any(one.period == manifest.period for one in given.recalled)
    needed = drafts.people_needed(office.audience_called(manifest.audience), recalled) or 1
    return f"reviewed, {people} of {needed}" if people else "draft"
