"""The index page of an audience: its latest issues and its archive, made from its manifests alone."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from workbench.config import Audience, Office, shipped
from workbench.document.html import quoted
from workbench.errors import UserError
from workbench.language import Words, words
from workbench.publish import compare, logged, overdue, pack
from workbench.publish.compare import Comparison
from workbench.publish.index._entries import Entry, archive, key, latest, others, told
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice
from workbench.publish.overdue import Overdue

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

NAME = "index.html"
SEARCH = "search.html"
"""The page on which readers search; it alone holds a script, which only hides what does not match."""

_WAIT_SECONDS = 60
TEMPLATE = "index.html.j2"
SEARCH_TEMPLATE = "search.html.j2"
SCRIPT = "search.js"


def write(outputs: Path, *, audience: Audience, office: Office) -> Path:
    """
    Rewrite the index page of an audience from the packs in its folder, and return its path.

    With it the pages that compare two issues and the page to search in. Nothing but `outputs/<audience>/`
    is read, so the folder can be shared without showing that others exist; of the audit log which of its
    packs were recalled, of the office the documents its packs were set from and which issues are overdue.
    Each page appears whole, in place of the last one.
    """
    folder = outputs / audience.slug
    folder.mkdir(parents=True, exist_ok=True)
    # a slower run must not bring back an older page; the lock lies outside what readers are given
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir()) / f"workbench-{name}.lock", timeout=_WAIT_SECONDS):
        packs = logged.as_recalled(office, pack.published(outputs, audience=audience.slug))
        _expect_own(packs, audience)
        compared = compare.write(outputs, packs, audience=audience, office=office)
        awaited = overdue.still(overdue.known(office, audience.slug), packs)
        search = SEARCH if len(packs) else ""
        if search:
            _replace(folder, SEARCH, render_search(packs, audience=audience, office=office))
        else:
            (folder / SEARCH).unlink(missing_ok=True)
        page = render(
            packs, audience=audience, office=office, compared=compared, awaited=awaited, search=search
        )
        _replace(folder, NAME, page)
    return folder / NAME


def _replace(folder: Path, name: str, page: str) -> None:
    making = folder / f".{name}-{secrets.token_hex(8)}"
    try:
        with making.open("xb") as file:
            file.write(page.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / name)
    finally:
        making.unlink(missing_ok=True)


def _expect_own(packs: pack.Versions, audience: Audience) -> None:
    found = {one.audience for _, one in packs} | {one.audience for one in packs.recalled}
    if found - {audience.slug}:
        raise UserError(
            f'A pack in the folder of "{audience.slug}" was made for another audience. '
            "Take it out: it may hold what these readers must not see. Then publish again."
        )


def render(  # the parts of one page
    packs: pack.Versions,
    *,
    audience: Audience,
    office: Office,
    compared: Sequence[Comparison] = (),
    awaited: Sequence[Overdue] = (),
    search: str = "",
) -> str:
    """
    Return the index page for these packs as HTML, in the office's first language.

    First what is overdue; then the latest version of the latest week of each briefing and area, with its
    bottom line; then every pack by week, newest first. Where the latest was recalled, that comes first,
    and then the last issue that still stands: never one that the recalled version had corrected. The same
    packs give the same bytes. Packs that cannot be read are counted on the page. `compared` are the pages
    that compare, `search` the address of the page to search in, if there is one.
    Raises UserError if a pack of another audience is among them.
    """
    _expect_own(packs, audience)
    spoken = words(office.languages[0])
    manifests = [manifest for _, manifest in packs]
    pages: dict[tuple[str, ...], list[Comparison]] = {}
    for one in compared:
        pages.setdefault(key(one.pair.later), []).append(one)

    def entry(one: Manifest | Notice) -> Entry:
        said = told(one, manifests, packs.recalled, office, spoken, pages)
        if isinstance(one, Notice):
            return said
        return replace(said, others=others(one, manifests, packs.recalled, office))

    return _template(TEMPLATE).render(
        **_common(spoken, audience, office),
        unreadable=_unreadable(spoken, len(packs.unreadable)),
        awaited=[_awaited(one, office, spoken) for one in awaited],
        latest=[entry(one) for one in latest(manifests, packs.recalled, office)],
        archive=archive(manifests, packs.recalled, office, spoken, pages),
        search=search,
    )


def render_search(packs: pack.Versions, *, audience: Audience, office: Office) -> str:
    """
    Return the page to search in: every issue with its bottom line, newest first, whole without a script.

    Its script is the workbench's own, the only one its policy lets run, and reads nothing but the page.
    """
    import base64

    from markupsafe import Markup

    spoken = words(office.languages[0])
    manifests = [manifest for _, manifest in packs]
    years = archive(manifests, packs.recalled, office, spoken, {})
    script = (shipped("templates") / SCRIPT).read_text(encoding="utf-8")
    return _template(SEARCH_TEMPLATE).render(
        **_common(spoken, audience, office),
        script=Markup(script),  # noqa: S704  # a file of the workbench; its digest stands in the policy
        script_digest=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
        entries=[one for year in years for period in year.periods for one in period.entries],
    )


def _common(spoken: Words, audience: Audience, office: Office) -> Mapping[str, object]:
    fiction = spoken.say("SAMPLE DATA: places, people and events are fictional") if office.fictional else ""
    said = {
        "title": spoken.say("Briefings"),
        "edition": spoken.say("Edition: {audience}", audience=audience.name),
        "latest": spoken.say("Latest issues"),
        "archive": spoken.say("All issues"),
        "empty": spoken.say("No briefing has been published yet."),
        "fiction": fiction,
        "changes": spoken.say("What this version corrects"),
        "prepared": spoken.say("Prepared by {author}", author=office.prepared_by),
        "overdue": spoken.say("Overdue"),
        "search": spoken.say("Search the issues"),
        "search_for": spoken.say("Words of a title, an area, a week or a bottom line"),
        "search_keys": spoken.say("The key / goes to the search, Escape empties it."),
        "matches": spoken.say("Issues that match: {number} of {all}", number="{number}", all="{all}"),
        "back": spoken.say("Back to the latest issues"),
        "skip": spoken.say("Skip to the issues"),
    }
    return {
        "said": said,
        "marking": audience.marking,
        "marking_quoted": _quoted(audience.marking),
        "fiction_quoted": _quoted(fiction),
        "office": office.name,
        "note": office.standing_note,
        "language": spoken.language,
        "direction": spoken.direction,
    }


def _awaited(one: Overdue, office: Office, spoken: Words) -> dict[str, str]:
    """Return an overdue issue in words: which, and since when; never why."""
    titles = {given.slug: given.title for given in office.briefing}
    areas = {given.slug: given.name for given in office.area}
    return {
        "title": f"{titles.get(one.briefing, one.briefing)}: {areas.get(one.area, one.area)}",
        "said": spoken.say(
            "Week {week} was due on {instant} and is not published yet.",
            week=one.period,
            instant=spoken.instant(one.due_at, zone=office.zone),
        ),
    }


def _unreadable(spoken: Words, number: int) -> str:
    if not number:
        return ""
    return spoken.count(
        "{n} pack cannot be read and is not listed.", "{n} packs cannot be read and are not listed.", number
    )


def _quoted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(quoted(text))  # noqa: S704  # nothing is left in it that could be markup


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment: Any = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template: Template = environment.get_template(name)
    return template
