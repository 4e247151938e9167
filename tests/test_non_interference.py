"""Non-interference: what an audience may not read may change, come and go, and its view stays as it was."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.view.histories import (
    AREAS,
    LAST,
    READERS,
    SOURCES,
    WEEK,
    History,
    drawn,
    office_in,
    reader,
    store_in,
    tables_of,
)
from tests.view.unseen import CHANGES, SEALED_CHANGES
from workbench import view
from workbench.config import Office
from workbench.errors import UserError
from workbench.records import DTYPES, record_names, record_type
from workbench.store import Store
from workbench.view import Request

LONG = os.environ.get("WORKBENCH_LONG") == "1"
SHARDS = 8
"""Parts that are checked side by side, each on histories of its own."""

CASES = 10_000 if LONG else 1_000
"""How many (change, audience) pairs are checked at least; a part that checked fewer than its share fails."""

HISTORIES = 20 if LONG else 2
CASES_A_HISTORY = -(-CASES // (SHARDS * HISTORIES))
INSTANTS = (LAST + timedelta(days=3), LAST - timedelta(days=3))


class Still(Store):
    """
    A store that nobody writes to: each table is opened, and each reading made, once.

    With `like` it reads all tables but those in `other` from there: what a table gives depends on no other.
    """

    def __init__(
        self, folder: Path, *, like: Still | None = None, other: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(folder, lock_folder=folder)
        self._like, self._other = like, other
        self._opened: dict[str, object] = {}
        self._found: dict[object, pd.DataFrame] = {}

    def _open(self, record):  # type: ignore[no-untyped-def]  # as the method it stands for
        if record.name not in self._opened:
            self._opened[record.name] = super()._open(record)
        return self._opened[record.name]

    def _once(self, record, asked, reading):  # type: ignore[no-untyped-def]  # of any reading
        if self._like is not None and record.name not in self._other:
            return getattr(self._like, asked[0])(record, **asked[1])
        key = (record.name, asked[0], *((name, str(value)) for name, value in asked[1].items()))
        if key not in self._found:
            self._found[key] = reading()
        return self._found[key].copy()

    def read(self, record, **asked):  # type: ignore[no-untyped-def]  # as the method it stands for
        """Return what the store reads, from the first time on."""
        return self._once(record, ("read", asked), partial(super().read, record, **asked))

    def revisions(self, record, **asked):  # type: ignore[no-untyped-def]  # likewise
        """Return what the store reads, from the first time on."""
        return self._once(record, ("revisions", asked), partial(super().revisions, record, **asked))


def digest(office: Office, store: Store, folder: Path, *, audience: str, area: str, instant: int) -> str:
    """Return the digests of a saved view, or what is said where there is none."""
    request = Request(area=area, week=WEEK, audience=audience, as_of=INSTANTS[instant])
    try:
        made = view.make(office, store, request)
    except UserError as said:
        return str(said)
    shutil.rmtree(folder, ignore_errors=True)
    return f"{view.save(made, folder)} {view.content_digest(made)}"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_view_is_as_it_was_whatever_changes_unseen(shard: int, tmp_path: Path) -> None:
    """
    At least 1,000 (change, audience) pairs: rows, labels, columns, deliveries, sources, names, decisions,
    rejected rows that the audience may not read are changed, added or removed; its saved view has the same
    bytes. 10,000 with WORKBENCH_LONG=1. Each part checks its share, with each kind of change among them.
    """
    office = office_in(tmp_path / "office")
    slugs = list(READERS)
    who = {slug: reader(office, slug) for slug in slugs}
    cases: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    told: set[str] = set()
    number = iter(range(10**9))

    @settings(
        max_examples=HISTORIES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],  # a seed does not shrink
    )  # fmt: skip
    @given(st.integers(0, 2**48))
    def check(seed: int) -> None:
        draw = Random(seed * SHARDS + shard)  # noqa: S311 - a drawing, not a secret
        first = drawn(draw, place=shard)
        tables = tables_of(first)
        base = tmp_path / f"store{next(number)}"
        store_in(base, tables)
        before: dict[tuple[str, str, int], str] = {}
        store, area = Still(base), draw.choice(list(AREAS))
        left, turn = CASES_A_HISTORY, draw.randrange(len(CHANGES))
        while left > 0:
            slug = draw.choices(slugs, weights=(2, 4, 4, 2, 1, 1))[0]
            turn += slug != "leadership"  # from whom little is hidden: they use up nobody's turn
            after, done = unseen(draw, first, slug, turn)
            if not done:
                continue
            folder = tmp_path / f"store{next(number)}"
            changed = tables_of(after)
            other = frozenset(name for name in {*tables, *changed} if tables.get(name) != changed.get(name))
            store_in(folder, {name: rows for name, rows in changed.items() if name in other})
            now, instant = Still(folder, like=store, other=other), draw.choice((0, 0, 1))
            for audience in slugs[slugs.index(slug) :]:
                asked = (audience, area, instant)
                if asked not in before:
                    before[asked] = digest(office, store, tmp_path / "seen", audience=audience, area=area,
                                           instant=instant)  # fmt: skip
                found = digest(office, now, tmp_path / "seen", audience=audience, area=area, instant=instant)
                assert found == before[asked], (seed, done, asked)
                cases[audience] += 1
                left -= 1
            kinds.update(done)
            told.update(before.values())
            shutil.rmtree(folder)
        shutil.rmtree(base)

    def unseen(draw: Random, first: History, slug: str, turn: int) -> tuple[History, list[str]]:
        after, done = first.copy(), []
        possible = SEALED_CHANGES if slug == "leadership" else CHANGES
        for change in (possible[turn % len(possible)], *draw.choices(possible, k=draw.randint(0, 2))):
            if change(draw, after, who[slug]):
                done.append(change.__name__)
        return after, done

    check()
    assert cases.total() >= CASES / SHARDS, cases
    assert set(cases) == set(slugs)
    assert len(told) > HISTORIES * len(slugs)  # the views themselves differ
    assert all(kinds[change.__name__] for change in CHANGES), kinds


def test_every_source_and_record_type_is_in_some_part() -> None:
    """The parts together hold rows of every record type, so that a new one is not forgotten here."""
    told = {source for shard in range(SHARDS) for source in drawn(Random(shard), place=shard).sources()}  # noqa: S311 - a drawing, not a secret
    assert told == set(SOURCES)
    assert {SOURCES[source][0] for source in told} | {"rejected_row", "delivery"} == set(record_names())


@pytest.mark.parametrize("seed", range(3))
def test_these_stores_are_those_that_deliveries_make(seed: int, tmp_path: Path) -> None:
    """What the test above writes at once is what the store holds after the same deliveries, one by one."""
    history = drawn(Random(seed))  # noqa: S311 - a drawing, not a secret
    store_in(tmp_path / "once", tables_of(history))
    slow, once = (Store(tmp_path / name, lock_folder=tmp_path) for name in ("slow", "once"))
    for one in history.deliveries:
        with slow.delivery(source=one.source, at=one.at) as delivery:
            for name, rows in ((SOURCES[one.source][0], one.rows), ("rejected_row", one.rejected)):
                record = record_type(name)
                frame = pd.DataFrame(
                    {
                        column.name: pd.Series(
                            [row.get(column.name) for row in rows.values()], dtype=DTYPES[column.kind]
                        )
                        for column in record.columns
                    }
                )
                delivery.append(record, frame, complete=True)
    for name in tables_of(history):
        if name != "delivery":
            record = record_type(name)
            one, other = (
                store.revisions(record, as_of=INSTANTS[0], sources=None, columns=record.names)
                for store in (slow, once)
            )
            # nobody has to have written the book for a delivery to have its time
            pd.testing.assert_frame_equal(one.drop(columns="recorded_at"), other.drop(columns="recorded_at"))


@pytest.mark.parametrize("audience", ["internal", "unct", "partners", "public"])
def test_what_an_audience_reads_does_change_its_view(audience: str, tmp_path: Path) -> None:
    """The proof above is no vacuous one: public rows that say otherwise, and the view is another."""
    office = office_in(tmp_path / "office")
    history = drawn(Random(8))  # noqa: S311 - a drawing, not a secret
    store_in(tmp_path / "before", tables_of(history))
    for one in history.deliveries:
        for row in one.rows.values():
            if one.source == "open" and row["district"] in AREAS["north"]:
                row["level"], row["compartments"] = "public", None
                row["event_type"] = "riot_or_mob" if row["event_type"] != "riot_or_mob" else "hazard"
                row["verification"] = "confirmed"
    store_in(tmp_path / "after", tables_of(history))
    made = [
        digest(office, Still(tmp_path / name), tmp_path / "seen", audience=audience, area="north", instant=0)
        for name in ("before", "after")
    ]
    assert made[0] != made[1]
