"""What readers may know of an office whatever the week, and the kernel that keeps it for the next week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from workbench.audience import Policy, may_read
from workbench.config import FILE_NAME, Office, Source, load
from workbench.records import record_type
from workbench.sources.places import districts
from workbench.store import Store
from workbench.view._known import end_of_second
from workbench.view._labels import Labels, newest_of
from workbench.view._revisions import revisions, standing, states
from workbench.view._selection import record_types
from workbench.view._sources import last_days

LARGEST = 256 * 2**20
"""Bytes that all standings which are kept may take together."""


@dataclass(frozen=True)
class Standing:
    """
    What the readers of a view may know as of its instant, of all areas and weeks.

    `labels` at that instant; `newest`: the latest revision of every incident, `history` their states that
    these readers may read (`_revisions.states`); `rows` of every other record type, with their labels, that
    they may read; `last_dated` the last day that each source tells of.
    """

    labels: Labels
    newest: pd.DataFrame
    history: pd.DataFrame
    rows: Mapping[str, pd.DataFrame]
    last_dated: Mapping[str, pd.Timestamp]

    @classmethod
    def at(
        cls, office: Office, store: Store, rules: Policy, *, known: datetime, named: Iterable[Source]
    ) -> Standing:
        """Read from the store what the readers of `rules` may know at `known`; they may name `named`."""
        incident, reader, named = record_type("incident"), rules.audience, tuple(named)
        # days that a licence leaves as weeks are those of the office's weeks, whichever
        week = office.week_of(date(2024, 1, 1))
        # acts of sources that not all may name hold for all: told to the second, like the time of a view
        labels = Labels.at(office, store, as_of=end_of_second(known))
        every = revisions(store, incident)
        history = states(every, incident, as_of=known, reader=reader, labels=labels)
        last_dated = last_days("incident", standing(history, at=known), rules, week=week, sources=named)
        rows: dict[str, pd.DataFrame] = {}
        for record in record_types():
            if record is incident:
                continue
            found = store.read(record, as_of=known)
            if len(found):
                found = labels.of(record, found)
                found = found[may_read(found, reader)]
            rows[record.name] = found
            if len(found):
                last_dated |= last_days(record.name, found, rules, week=week, sources=named)
        return cls(labels, newest_of(every), history, rows, last_dated)


class Kept:
    """
    What is kept between two views, so that another week, or another area, does not read everything anew.

    The office while its workbench.toml says the same, its outlines while their file does, and the standing
    of the `readers` asked for last, while no table of the store has another version. Two are those of a page
    and those it is compared with; a batch has as many as there are audiences.
    """

    def __init__(self, *, readers: int = 2) -> None:
        self._readers = readers
        self._office: tuple[Path, bytes, Office] | None = None
        self._outlines: tuple[Office, bytes, pd.DataFrame] | None = None
        self._standings: dict[tuple[object, ...], tuple[Office, Standing]] = {}

    def office(self, folder: Path) -> Office:
        """Return the office in `folder`, read anew if its file is another; raises as `config.load`."""
        said = (folder / FILE_NAME).read_bytes() if (folder / FILE_NAME).is_file() else b""
        if self._office is None or self._office[:2] != (folder, said):
            self._office = (folder, said, load(folder))
        return self._office[2]

    def outlines(self, office: Office) -> pd.DataFrame:
        """Return the office's districts, read anew if their file is another; raises as `districts`."""
        file = office.path(office.geography.boundaries)
        drawn = file.read_bytes() if file.is_file() else b""
        if self._outlines is None or self._outlines[0] is not office or self._outlines[1] != drawn:
            self._outlines = (office, drawn, districts(office))
        return self._outlines[2].copy()

    def standing(
        self, office: Office, store: Store, rules: Policy, *, known: datetime, named: Iterable[Source]
    ) -> Standing:
        """Return the standing of the readers of `rules` at `known`, read anew if the store has changed."""
        before = store.versions()
        key = (rules.audience.slug, known, store.url, before)
        held = self._standings.pop(key, None)
        if held is None or held[0] is not office:
            held = (office, Standing.at(office, store, rules, known=known, named=named))
        if store.versions() == before:
            self._standings[key] = held
        while len(self._standings) > self._readers or self._size() > LARGEST:
            del self._standings[next(iter(self._standings))]
        return held[1]

    def _size(self) -> int:
        kept = [one for _, one in self._standings.values()]
        frames = [frame for one in kept for frame in (one.newest, one.history, *one.rows.values())]
        return sum(int(frame.memory_usage(index=True).sum()) for frame in frames)
