"""Editions: how a notebook gets its view, in a scheduled run and by hand."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.config import Audience, Office, find
from workbench.errors import ParameterError
from workbench.language import Words, words
from workbench.store import Store
from workbench.view._making import Request, make, store_of
from workbench.view._saved import read
from workbench.view._seen import View
from workbench.view._standing import Kept

VARIABLE = "WORKBENCH_VIEW"
"""The environment variable that names a saved view to the kernel of a scheduled run."""

_END = datetime.max.replace(tzinfo=UTC)

_kept = Kept()
"""Of a kernel in which pages are made by hand: another week must not read everything anew."""


@dataclass(frozen=True)
class Edition:
    """What one notebook run makes: a view, and the words its page is written in."""

    view: View
    words: Words


def open_view(
    *, area: str, week: str, audience: str, as_of: str, language: str, briefing: str = ""
) -> Edition:
    """
    Return the view a notebook works on, and the words of its page.

    In a scheduled run it is the saved view that the run was given, which must be the one the
    parameters name. By hand it is made from the office whose folder the notebook lies in; there
    `""` stands for the office's first area, its last complete week, the narrowest audience that
    receives `briefing`, the present and its first language.
    """
    given = os.environ.get(VARIABLE)
    if given:
        view = read(Path(given))
        asked = (area, week, audience, as_of)
        held = (view.area.slug, view.week.slug, view.audience.slug, view.as_of.isoformat())
        if asked != held:
            raise ParameterError("The parameters are not those of the view this run was given.")
        return Edition(view, words(language))
    office = _kept.office(find(Path.cwd()))
    store = store_of(office)
    request = Request(
        area=area or office.area[0].slug,
        week=week or office.last_complete_week().slug,
        audience=audience or narrowest(office, briefing=briefing).slug,
        as_of=instant(as_of) if as_of else present(office, store),
    )
    view = make(office, store, request, memory=_kept)
    return Edition(view, words(language or office.languages[0]))


def present(office: Office, store: Store) -> datetime:
    """
    Return the instant as of which all that the store holds is known: now, or later if a clock stood still.

    Deliveries follow each other by at least a microsecond, so where the office's clock is fixed, or was
    set back, the last ones lie after its now.
    """
    now = office.now()
    return max(now, store.cut_off(_END) or now)


def narrowest(office: Office, *, briefing: str = "") -> Audience:
    """
    Return the audience that reads least, of those given rows if any: by level, then by compartments.

    Only those that receive `briefing` are compared; all of the office, where it is none's.
    """
    readers = [one for one in office.audience if briefing in one.briefings]
    return min(
        readers or office.audience,
        key=lambda one: (one.count_threshold > 1, one.clearance, len(one.compartments), one.slug),
    )


def instant(text: str) -> datetime:
    """
    Return an instant written as ISO 8601 with a zone; raises ParameterError.

    One written to the minute or the second, as pages write it, means the end of that minute or second:
    a page that says 06:00 knows a delivery of twelve seconds past.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ParameterError(
            f'as_of "{text}" is not an instant with a zone. Write it as 2026-11-16T06:00:00Z.'
        )
    written = re.search(r"[T ]\d{2}:?\d{2}(:?\d{2})?([.,]\d+)?", text)
    if written and written[2] is None:
        rest = timedelta(seconds=1) if written[1] else timedelta(minutes=1)
        moment += rest - timedelta(microseconds=1)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ParameterError(
            f'as_of "{text}" lies outside the years 1 to 9999. Write a nearer one.'
        ) from None
