"""The page of a comparison."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config import Audience, Office, shipped
from workbench.document import Document
from workbench.document.html import quoted
from workbench.language import Words, words
from workbench.publish import pack
from workbench.publish.compare._differences import Row, differences
from workbench.publish.compare._pairs import Pair
from workbench.publish.manifest import Manifest

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "compare.html.j2"


def render(  # two issues, and whose they are
    pair: Pair,
    was: Document,
    now: Document,
    *,
    audience: Audience,
    office: Office,
    spoken: Words | None = None,
) -> str:
    """
    Return the page that compares two issues, as HTML, in their language (or that of `spoken`).

    Everything on it stands in one of the two documents, or says of two numbers that both show which is
    larger. The same two issues give the same bytes.
    """
    from markupsafe import Markup

    earlier, later = pair.earlier, pair.later
    spoken = spoken or words(later.language)
    week, before = office.week(later.period), office.week(earlier.period)
    found = differences(
        was, now, spoken=spoken, threshold=audience.count_threshold,
        adjacent=week.back(1) == before and earlier.as_of < later.as_of, versions=pair.versions,
    )  # fmt: skip
    fiction = spoken.say("SAMPLE DATA: places, people and events are fictional")
    fiction = fiction if later.fictional or earlier.fictional else ""
    marking = Markup(quoted(audience.marking))  # noqa: S704  # nothing is left in it that could be markup
    said = {
        "title": spoken.say("Compare two issues"),
        "skip": spoken.say("Skip to the comparison"),
        "back": spoken.say("All issues"),
        "bottom_line": spoken.say("Bottom line"),
        "figures": spoken.say("In numbers"),
        "districts": spoken.say("Districts"),
        "district": spoken.say("District"),
        "metric": spoken.say("Measure"),
        "then": spoken.say("Then"),
        "now": spoken.say("Now"),
        "difference": spoken.say("Difference"),
        "changes": spoken.say("What this version corrects"),
        "since": spoken.say("Known since of week {week}", week=earlier.period),
        "revised": spoken.say("Revisions that the later issue tells"),
        "none": spoken.say("The two issues have no numbers in common that can be compared."),
        "note": spoken.say(
            "Then and now are as the two issues told them. Where one of two numbers is withheld or not "
            "known, so is the difference. Few incidents more or less may be chance: the issues say what is "
            "unusual."
        ),
        "fiction": fiction,
    }
    return _template().render(
        said=said,
        audience_marking=audience.marking,
        marking_quoted=marking,
        fiction_quoted=Markup(quoted(fiction)),  # noqa: S704  # nothing is left in it that could be markup
        office=office.name,
        note=office.standing_note,
        language=spoken.language,
        direction=spoken.direction,
        title=later.title,
        later=_told(later, office, spoken),
        earlier=_told(earlier, office, spoken),
        line_then="" if pair.versions else earlier.bottom_line,
        changes=later.changes if pair.versions else (),
        found=found,
    )


def address_of(one: Manifest, office: Office) -> str:
    """Return the address of an issue's page as seen from its audience's folder."""
    folder = pack.folder_of(Path(), one, first_language=office.languages[0])
    return (folder.relative_to(one.audience) / "briefing.html").as_posix()


def _told(one: Manifest, office: Office, spoken: Words) -> dict[str, str]:
    week = office.week(one.period)
    name = spoken.say("Week {week}, version {version}", week=one.period, version=str(one.version))
    return {
        "name": name,
        "days": spoken.days(week.first_day, week.last_day),
        "known": spoken.say("data known on {instant}", instant=spoken.instant(one.as_of)),
        "line": one.bottom_line,
        "address": address_of(one, office) if "briefing.html" in one.files else "",
    }


def _by_district(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    return [(name, list(some)) for name, some in groupby(rows, key=lambda one: one.district)]


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
    environment.filters["groupby_in_order"] = _by_district
    template: Template = environment.get_template(TEMPLATE)
    return template
