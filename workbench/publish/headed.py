"""The head of a document: what a notebook has its page say of itself must be what was asked for."""

from __future__ import annotations

from workbench.blocks import Masthead
from workbench.errors import DisclosureRefused
from workbench.language import words
from workbench.view import View


def require_head(masthead: Masthead, seen: View, *, language: str) -> None:
    """
    Raise DisclosureRefused if a masthead says another audience, mark, area, week or instant than its view.

    The gate sees that the mark is on every page; it cannot see that a page calls itself another edition, or
    that invented data are not said to be invented.
    """
    spoken = words(language)
    fiction = spoken.say("SAMPLE DATA: places, people and events are fictional")
    expected = {
        "audience": seen.audience.slug,
        "edition": spoken.say("{audience} edition", audience=seen.audience.name),
        "marking": seen.audience.marking,
        "area": seen.area.name,
        "period": seen.week.slug,
        "as_of": seen.as_of.isoformat(),
        "language": language,
        "fiction": fiction if seen.office.fictional else "",
    }
    wrong = [name for name, value in expected.items() if getattr(masthead, name) != value]
    if wrong:
        raise DisclosureRefused(
            f"The masthead of this notebook says something else than was asked for: {', '.join(wrong)}. Let "
            "`sections.masthead` make it, from the view that the notebook opened."
        )
