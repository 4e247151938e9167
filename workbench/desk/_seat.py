"""A seat at the desk: the office, its store and the page of one choice, for the notebooks that decide."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from workbench.audience import Policy, may_name, policy, reads_everything
from workbench.config import Audience, Office, Source, find
from workbench.desk._opened import Choice, opened, require_possible
from workbench.errors import ConfigurationError, ParameterError
from workbench.language import Words, words
from workbench.records import record_type
from workbench.store import Store
from workbench.view import (
    VARIABLE,
    Edition,
    Kept,
    Request,
    View,
    instant,
    make,
    present,
    records_of,
    store_of,
)


@dataclass(frozen=True, eq=False, repr=False)
class Seat:
    """
    Who sits at the desk, and what they see: the office and its store, and the view of one audience.

    `rules` say which columns that audience reads.
    """

    office: Office
    store: Store
    choice: Choice
    edition: Edition
    audience: Audience
    rules: Policy

    @property
    def view(self) -> View:
        """The rows that may be shown."""
        return self.edition.view

    @property
    def words(self) -> Words:
        """The words of the page's language."""
        return self.edition.words

    @property
    def past(self) -> bool:
        """Whether the page is as known on an earlier day: nothing can be decided on it."""
        return bool(self.choice.as_of)

    @property
    def reads_everything(self) -> bool:
        """Whether nothing is closed to those at the desk: they see stored ids, others codes."""
        return reads_everything(self.audience)

    @property
    def counts_only(self) -> bool:
        """Whether these readers are given counts and no rows: there is nothing they could decide about."""
        return self.audience.count_threshold > 1

    def reads(self, record: str, *columns: str) -> bool:
        """Whether those at the desk read these columns of a record type."""
        return all(self.rules.rule(record, column).read for column in columns)

    def may_name(self, source: Source) -> bool:
        """Whether those at the desk may know that a source exists; never of one of sealed records."""
        return may_name(source, self.audience) and not record_type(source.record).sealed

    def day(self, at: datetime) -> date:
        """Return the day of an instant in the office's zone."""
        return at.astimezone(self.office.zone).date()

    def require_deciding(self) -> None:
        """Raise ParameterError where nothing can be decided: on a page of the past, or one without ids."""
        if not self.reads("incident", "record_id"):
            raise ParameterError(
                f"This page is that of {self.audience.name}, who read no record numbers, so no row can be "
                "decided about. Choose other readers in the control at the top, or say in workbench.toml "
                "who sits at the desk: [desk] audience."
            )
        if self.past:
            raise ParameterError(
                'This page shows what was known earlier. To decide, choose "as known now" in the '
                "control at the top: a decision is about what is known now."
            )

    def require_register(self, register: Source) -> None:
        """Raise ConfigurationError if those at the desk may not know of a register that they would write."""
        # corrections and acts on labels are books that few read; who sees a row may enter one about it
        if register.record in ("correction", "label_change") or may_name(register, self.audience):
            return
        raise ConfigurationError(
            f"{self.audience.name} may not know of [[source]] {register.slug}, so they cannot decide here. "
            "Choose other readers in the control at the top, or say in workbench.toml who sits at the desk: "
            "[desk] audience."
        )

    def renewed(self) -> Seat:
        """Return the same seat with what the store holds by now."""
        edition = _edition(self.office, self.store, self.choice)
        return replace(self, edition=edition)

    def stored(self, record: str, source: str, shown_id: str) -> tuple[str, str]:
        """
        Return source and record_id, as stored, of a row of the view that is shown with `shown_id`.

        Raises ParameterError where a code stands for no row of the view or for more than one: a decision is
        never stored about a guess.
        """
        if self.reads_everything:
            return source, shown_id
        found = {
            (one.source, one.record_id)
            for one in records_of(self.office, self.store, self.audience.slug, shown_id)
            if one.record == record and one.source == source and one.record_id in self.view.own_ids
        }
        if len(found) != 1:
            raise ParameterError(
                f"The code {shown_id} stands for {len(found) or 'no'} rows of {source}: nothing was stored. "
                "Let somebody decide who reads everything, or write it into the register by its own ids."
            )
        return found.pop()


_kept = Kept()
"""Of a kernel at the desk: another week, and the page after a decision, must not read everything anew."""


def sit(*, area: str, week: str, audience: str, as_of: str, language: str) -> Seat:
    """
    Return a seat at the desk of the office whose folder the notebook lies in.

    "" stands for the office's first area, its last complete week, the readers of `[desk] audience` (else the
    narrowest), what is known now, its first language. Raises ParameterError in the run of a briefing, which
    has no store, and UserError where there can be no such page (`require_possible`).
    """
    if os.environ.get(VARIABLE):
        raise ParameterError(
            "This is a notebook of the desk and no briefing: it works on the office's store, which a run is "
            "not given. Open it in JupyterLab."
        )
    office = _kept.office(find(Path.cwd()))
    store = store_of(office)
    choice = opened(office, Choice(area, week, audience, as_of, language), desk=True)
    require_possible(office, store, choice)
    reader = office.audience_called(choice.audience)
    return Seat(office, store, choice, _edition(office, store, choice), reader, policy(office, reader))


def _edition(office: Office, store: Store, choice: Choice) -> Edition:
    request = Request(
        area=choice.area,
        week=choice.week,
        audience=choice.audience,
        as_of=instant(choice.as_of) if choice.as_of else present(office, store),
    )
    return Edition(make(office, store, request, memory=_kept), words(choice.language))
