"""Looking around in a view: filters, counts, histories, what was known then, and files past the gate."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from tests.conftest import copy_of, frame, put_rows
from workbench import analysis, audit, sample, view
from workbench.config import Office, Week
from workbench.desk.explore import FACETS, Counting, Past, Rows, Selection, export, history, in_full
from workbench.errors import DisclosureRefused, ParameterError
from workbench.language import words
from workbench.records import record_type
from workbench.view import Edition, View

WEEK = Week(date(2026, 11, 9), "monday")
AT = sample.DELIVERIES[-1]


def edition(office: Office, audience: str, week: str = "2026-W46") -> Edition:
    """Return the edition of the sample area that an audience has of a week, as known now."""
    store = view.store_of(office)
    request = view.Request("kestara", week, audience, view.present(office, store))
    return Edition(view.make(office, store, request), words("en"))


# ---- filters ---------------------------------------------------------------------------------------

ROW = st.fixed_dictionaries(
    {
        "event_type": st.sampled_from(["armed_clash", "abduction", "other"]),
        "actor1": st.sampled_from([None, "Élan front", "Police", "Residents"]),
        "actor2": st.sampled_from([None, "Police", "Residents"]),
        "district": st.sampled_from([None, "A", "B"]),
        "source_grade": st.sampled_from([None, "A1", "B2"]),
        "occurred_on": st.dates(date(2026, 10, 20), date(2026, 11, 15)),
        "days": st.integers(0, 9),
        "date_precision": st.sampled_from(["day", "days", "month"]),
        "narrative": st.sampled_from([None, "A bridge near Órvane", "two bridges, ORVANE", "nothing"]),
    }
)
SELECTIONS = st.builds(
    Selection,
    values=st.dictionaries(
        st.sampled_from(["event_type", "actor", "district", "source_grade"]),
        st.sampled_from([("armed_clash",), ("Police", ""), ("A",), ("B2", "A1"), ("",)]),
    ),
    days=st.tuples(
        st.none() | st.dates(date(2026, 10, 25), date(2026, 11, 5)),
        st.none() | st.dates(date(2026, 11, 5), date(2026, 11, 15)),
    ),
    weeks=st.sampled_from([(), (date(2026, 11, 9),), (date(2026, 10, 26), date(2026, 11, 2))]),
    text=st.sampled_from(["", "orvane", "BRIDGE órvane", "police", "  "]),
    rows=st.sampled_from([(), (0, 2)]),
)


def incidents(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a view has them."""
    given = [
        {name: value for name, value in row.items() if name != "days"}
        | {"record_id": f"R{n}", "occurred_to": row["occurred_on"] + timedelta(days=row["days"])}
        for n, row in enumerate(rows)
    ]
    return frame("incident", *given, source="log")


def truth(row: pd.Series, at: int, selection: Selection) -> Iterator[bool]:
    """Give whether a row meets each condition, one by one, in plain Python."""
    for facet, chosen in selection.values.items():
        held = {row[name] for name in FACETS[facet] if isinstance(row[name], str)}
        yield bool(held & set(chosen)) or (not held and "" in chosen)
    first, last = selection.days
    yield first is None or row["occurred_to"].date() >= first
    yield last is None or row["occurred_on"].date() <= last
    week = row["occurred_on"].date() - timedelta(days=row["occurred_on"].weekday())
    short = row["date_precision"] != "month" and (row["occurred_to"] - row["occurred_on"]).days < 7
    yield not selection.weeks or (short and week in selection.weeks)
    said = (
        " ".join(str(one) for one in row if isinstance(one, str)).casefold().translate({0xF3: "o", 0xE9: "e"})
    )
    yield all(word in said for word in selection.text.casefold().replace("ó", "o").split())
    yield not selection.rows or at in selection.rows


@settings(max_examples=60)
@given(rows=st.lists(ROW, max_size=8), selection=SELECTIONS)
def test_a_filter_selects_what_row_by_row_truth_says(
    rows: list[dict[str, Any]], selection: Selection
) -> None:
    """Any conditions together select just the rows that meet each; a facet counts as choosing it would."""
    table = incidents(rows)
    ready = Rows(table, week=WEEK)
    wanted = [all(truth(row, at, selection)) for at, (_, row) in enumerate(table.iterrows())]
    assert ready.mask(selection).tolist() == wanted
    for facet in ready.facets:
        for value, n in ready.options(selection, facet):
            alone = Selection(
                values={**selection.values, facet: (value,)},
                days=selection.days, weeks=selection.weeks, text=selection.text, rows=selection.rows,
            )  # fmt: skip
            assert n == int(ready.mask(alone).sum())


def test_what_readers_are_not_given_offers_no_filter(sample_office: Office) -> None:
    """Partners read no actors, grades and narratives: there is no such facet, and none may be asked for."""
    seen = edition(sample_office, "partners").view
    ready = Rows(seen.table("incident"), week=seen.week)
    assert ready.facets == ("event_type", "district", "source", "verification")
    assert not {"actor1", "narrative", "headline", "record_id"} & set(ready.searched)
    with pytest.raises(ParameterError, match="not given actor"):
        ready.mask(Selection(values={"actor": ("Police",)}))


@pytest.mark.parametrize(
    "said",
    [None, [], {"rows": ["x"]}, {"rows": [-1]}, {"rows": [True]}, {"weeks": ["soon"]}, {"days": ["1", 2]},
     {"values": {"actor": [3]}}, {"values": 3}, {"text": 3}, {"sql": "x"}],
)  # fmt: skip
def test_what_a_browser_sends_is_checked(said: object) -> None:
    """Anything that is no selection is refused with one sentence that quotes nothing of it."""
    with pytest.raises(ParameterError, match="not as this page makes it"):
        Selection.from_plain(said)


# ---- counts ----------------------------------------------------------------------------------------


def test_without_a_filter_weeks_and_districts_are_those_of_the_briefing(sample_office: Office) -> None:
    """Week by week and district by district the page counts what `analysis` counts of the merged rows."""
    for audience in ("leadership", "partners"):
        seen = edition(sample_office, audience).view
        tally = Counting(seen, Rows(seen.table("incident"), week=seen.week)).tally(Selection())
        counted = analysis.merged(seen.counted, order=seen.area.counts_from)
        span = {"first_day": tally.weeks[0].first_day, "weeks": len(tally.weeks)}
        total = analysis.weekly_total(counted, districts=seen.area.districts, **span)  # type: ignore[arg-type]
        told = {one.first_day: one for one in tally.weeks}
        for day, n in zip(total["week"].dt.date, total["incidents"], strict=True):
            assert told[day].incidents == n or told[day].state in {"no_data", "none_known"}
        assert [one.state for one in tally.weeks[-3:]] == ["", "unsettled", "unsettled"]
        assert sum(one.state == "no_data" for one in tally.weeks) < 12
        of_all = analysis.countable(counted)["district"].value_counts()
        assert tally.districts == {code: of_all.get(code, 0) for code in seen.area.districts}
        assert tally.incidents == len(analysis.countable(counted))


def test_a_week_chosen_alone_says_where_nobody_was_heard(sample_office: Office) -> None:
    """Of the week itself a silent district without incidents is no zero; filtered, it is a number."""
    seen = edition(sample_office, "internal").view
    counting = Counting(seen, Rows(seen.table("incident"), week=seen.week))
    week = (seen.week.first_day,)
    alone = counting.tally(Selection(weeks=week))
    silent = [code for code, state in alone.silent.items() if state == "no_report"]
    assert silent
    assert all(alone.districts[code] == 0 for code in silent)
    filtered = counting.tally(Selection(weeks=week, values={"event_type": ("abduction",)}))
    assert not filtered.silent


def test_filters_are_quick_with_many_rows(sample_office: Office) -> None:
    """50,000 rows are filtered, counted by facet, week and district in well under a second (aim: 0.3 s)."""
    import time

    seen = edition(sample_office, "leadership").view
    rows = seen.table("incident")
    many = pd.concat([rows] * (50_000 // len(rows) + 1), ignore_index=True)
    many["record_id"] = [f"R{n}" for n in range(len(many))]
    ready = Rows(many, week=seen.week)
    counting = Counting(seen, ready)
    asked = Selection(
        values={"district": ("KS0101", "KS0103"), "event_type": ("armed_clash",)}, text="police"
    )
    counting.tally(asked)  # what is made ready once
    began = time.perf_counter()
    counting.tally(asked)
    for facet in ready.facets:
        ready.options(asked, facet)
    assert time.perf_counter() - began < 1.5


# ---- the past --------------------------------------------------------------------------------------


def test_the_past_and_what_became_of_it_add_up(sample_office: Office) -> None:
    """At every delivery, then + added + moved in - withdrawn - moved out = now, what the page lists."""
    store = view.store_of(sample_office)
    seen = edition(sample_office, "internal").view
    past = Past(seen, lambda: view.histories(sample_office, store, seen))
    rows = Rows(seen.table("incident"), week=seen.week)
    for selection in (Selection(), Selection(values={"verification": ("confirmed",)})):
        for at in seen.snapshots:
            then = past.then(selection, at=at)
            assert then.now == int(rows.mask(selection).sum())
            assert None not in (then.added, then.changed)
            assert then.then + then.added + then.moved_in - then.withdrawn - then.moved_out == then.now  # type: ignore[operator]
    first = past.then(Selection(), at=seen.snapshots[-2])
    earlier = edition_as_of(sample_office, "internal", seen.snapshots[-2])
    assert first.then == len(earlier.table("incident"))
    assert first.added
    assert first.changed


def edition_as_of(office: Office, audience: str, at: datetime) -> View:
    """Return the view of the week before, whose days the page's own contain, as known at a delivery."""
    return view.make(office, view.store_of(office), view.Request("kestara", "2026-W46", audience, at))


def test_readers_without_codes_are_told_numbers_only(sample_office: Office) -> None:
    """Partners cannot know which row is which: how many were known then is told, and no more."""
    store = view.store_of(sample_office)
    seen = edition(sample_office, "partners").view
    past = Past(seen, lambda: view.histories(sample_office, store, seen))
    then = past.then(Selection(), at=seen.snapshots[-2])
    assert (then.then < then.now, then.added, then.changed, then.withdrawn) == (True, None, None, None)


# ---- histories -------------------------------------------------------------------------------------

LABELS = (
    ("public", ""), ("public", ""), ("internal", ""), ("confidential", ""), ("strictly_confidential", ""),
    ("public", "human_rights"), ("internal", "personnel"),
)  # fmt: skip
OPEN_TO = {"leadership": (3, True), "internal": (2, False), "partners": (0, False)}
HEIGHTS = ("public", "internal", "confidential", "strictly_confidential")
CELLS = {
    "actor": "actor1", "told": "narrative", "place": "place_name", "notes": "notes", "maker": "created_by",
    "group": "dup_group",
}  # fmt: skip
"""The cells that say a word of their own, by what the word begins with."""

RECORDS, ROUNDS = 9, 4


@pytest.fixture(scope="module")
def revised(
    sample_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Office, dict[tuple[int, int], tuple[str, str]]]:
    """Return an office with records of many revisions under changing labels, each with words of its own."""
    office = copy_of(sample_office, tmp_path_factory.mktemp("revised") / "office")
    chosen = random.Random(7)  # noqa: S311 (no secret: the same labels at each run)
    labels = {}
    at = AT + timedelta(minutes=1)
    for turn in range(ROUNDS):
        rows = []
        for n in range(RECORDS):
            labels[n, turn] = level, compartments = chosen.choice(LABELS)
            rows.append(
                {
                    "record_id": f"HX-{n:02}", "occurred_on": date(2026, 11, 12), "date_precision": "day",
                    "event_type": "armed_clash", "threat_category": "armed_conflict", "level": level,
                    "compartments": compartments or None, "district": "KS0101", "admin1": "KS01",
                    "district_name": "Kuro", "actor1": word("actor", n, turn),
                    "narrative": word("told", n, turn),
                    "place_name": word("place", n, turn), "notes": word("notes", n, turn),
                    "created_by": word("maker", n, turn), "dup_group": word("group", n, turn),
                }
            )  # fmt: skip
        put_rows(office, "incident", *rows, source="desk_log", at=at)
        at += timedelta(minutes=1)
    return office, labels


def word(what: str, record: int, turn: int) -> str:
    """Return a word that only one cell of one revision says."""
    return f"zq{what}{record:02}x{turn}"


def test_no_history_says_what_its_readers_may_not_read(
    revised: tuple[Office, dict[tuple[int, int], tuple[str, str]]],
) -> None:
    """
    Of each record and for each audience, a history holds the open revisions' open cells and nothing else.

    A revision that was held higher leaves no word, nor does a column the audience may not read; and of a
    record whose last revision is closed there is no history at all.
    """
    office, labels = revised
    store = view.store_of(office)
    shown = hidden = 0
    for audience, (height, everything) in OPEN_TO.items():
        seen = edition(office, audience).view
        table = seen.table("incident")
        whole = view.histories(office, store, seen)
        said_by_all = "\n".join(str(one) for name in whole for one in whole[name].dropna())
        for n in range(RECORDS):
            is_open = [
                HEIGHTS.index(level) <= height and (everything or not compartments)
                for level, compartments in (labels[n, turn] for turn in range(ROUNDS))
            ]
            states = view.histories(office, store, seen, of=("desk_log", f"HX-{n:02}"))
            said = "\n".join(str(one) for name in states for one in states[name].dropna())
            for turn in range(ROUNDS):
                # of a state that was told as part of another, what was not read is not there either
                may = is_open[turn] and is_open[-1]
                for what, column in CELLS.items():
                    reads = column in table and column != "dup_group"
                    assert (word(what, n, turn) in said) == (may and reads), (audience, n, turn, column)
                    assert (word(what, n, turn) in said_by_all) == (may and reads)
                    shown, hidden = shown + (may and reads), hidden + (not (may and reads))
    assert shown > 60
    assert hidden > 100


def test_a_history_says_when_and_which_cells_changed(
    revised: tuple[Office, dict[tuple[int, int], tuple[str, str]]],
) -> None:
    """Found by its code, a row's history is its open revisions in time, each with its cells then and now."""
    office, labels = revised
    store = view.store_of(office)
    seen = edition(office, "internal").view
    rows = seen.table("incident")
    told = 0
    for position in rows.index[rows["narrative"].fillna("").str.startswith("zqtold")][:4]:
        n = int(rows["narrative"][position][6:8])
        found = history(office, store, seen, position)
        turns = [
            turn
            for turn in range(ROUNDS)
            if HEIGHTS.index(labels[n, turn][0]) <= 2 and not labels[n, turn][1]
        ]
        assert [one.known_at for one in found] == [AT + timedelta(minutes=turn + 1) for turn in turns]
        assert found[0].changes == ()
        for (before, now), one in zip(pairwise(turns), found[1:], strict=True):
            changes = {change.column: (change.was, change.now) for change in one.changes}
            assert changes["actor1"] == (word("actor", n, before), word("actor", n, now))
            assert not {"place_name", "created_by", "dup_group", "record_id"} & set(changes)
        told += len(found)
        assert dict(in_full(seen, position))["actor1"] == word("actor", n, turns[-1])
    assert told > 5


def test_what_was_closed_since_is_not_told(own_office: Office) -> None:
    """A record that was raised after the page was made has no history any more, nor any word of it."""
    at = AT + timedelta(minutes=1)
    row = {
        "record_id": "HX-1", "occurred_on": date(2026, 11, 12), "date_precision": "day", "level": "internal",
        "event_type": "armed_clash", "threat_category": "armed_conflict", "district": "KS0101",
        "admin1": "KS01", "actor1": "zqwho",
    }  # fmt: skip
    put_rows(own_office, "incident", row, source="desk_log", at=at)
    seen, store = edition(own_office, "internal").view, view.store_of(own_office)
    rows = seen.table("incident")
    position = int(rows.index[rows["actor1"].eq("zqwho")][0])
    assert len(history(own_office, store, seen, position)) == 1
    raised = row | {"level": "strictly_confidential"}
    put_rows(own_office, "incident", raised, source="desk_log", at=at + timedelta(minutes=1))
    with pytest.raises(ParameterError, match="not open to these readers any more"):
        history(own_office, store, seen, position)
    with pytest.raises(ParameterError, match="changed since this page was run"):
        export(own_office, store, Edition(seen, words("en")), Selection(), kind="csv", by="Desk", at=at)
    assert not list((own_office.path(own_office.private) / "exports").glob("*.csv"))


def test_a_withdrawal_is_told_as_one(own_office: Office) -> None:
    """A record that its source withdrew and delivered again has a state that ended as withdrawn."""
    store = view.store_of(own_office)
    record = record_type("incident")
    whole = store.read(record, as_of=AT, sources=["desk_log"]).drop(columns="recorded_at")
    row = whole[whole["district"].eq("KS0101") & whole["level"].eq("internal")].iloc[0]
    for minutes, rows in ((1, whole[whole["record_id"].ne(row["record_id"])]), (2, whole)):
        with store.delivery(source="desk_log", at=AT + timedelta(minutes=minutes)) as delivery:
            delivery.append(record, rows.reset_index(drop=True), complete=True)
            told = {
                "record_id": f"desk_log/{delivery.batch}", "level": "internal", "record": "incident",
                "occurred_on": date(2026, 11, 16), "read": 1, "new": 0, "changed": 0, "withdrawn": 0,
                "unchanged": 1, "rejected": 0, "unmatched": 0,
            }  # fmt: skip
            delivery.append(
                record_type("delivery"), frame("delivery", told, source="desk_log"), complete=False
            )
    seen = edition(own_office, "leadership").view
    states = view.histories(own_office, store, seen, of=("desk_log", row["record_id"]))
    assert states["ended"].tolist()[-2:] == ["withdrawn", ""]


# ---- files -----------------------------------------------------------------------------------------


def table_of(file: Path) -> tuple[list[list[str]], pd.DataFrame]:
    """Return the lines above the table of an exported file, and the table."""
    if file.suffix == ".csv":
        lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    else:
        sheet = load_workbook(str(file)).get_sheet_by_index(0)
        lines = [[str(cell) for cell in line] for line in sheet.to_python()]
    start = next(n for n, line in enumerate(lines) if "occurred_on" in line or "incidents" in line)
    return lines[:start], pd.DataFrame(lines[start + 1 :], columns=lines[start], dtype="str")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_holds_the_selected_rows_as_these_readers_have_them(own_office: Office, kind: str) -> None:
    """Rows, columns and codes are those of the view, unlisted rows left out; marked, and logged by ids."""
    made, store = edition(own_office, "internal"), view.store_of(own_office)
    selection = Selection(values={"district": ("KS0101",), "event_type": ("armed_clash",)})
    done = export(own_office, store, made, selection, kind=kind, by="Desk officer", at=AT)  # type: ignore[arg-type]
    seen = made.view.table("incident")
    chosen = seen[seen["district"].eq("KS0101") & seen["event_type"].eq("armed_clash")]
    listed = chosen[chosen["listable"]]
    head, table = table_of(done.file)
    assert (done.rows, done.left_out) == (len(listed), len(chosen) - len(listed))
    assert done.left_out
    assert set(table["record_id"]) == set(listed["record_id"])
    assert list(table.columns) == [name for name in seen.columns if name != "listable"]
    told = " ".join(cell for line in head for cell in line)
    assert "CONFIDENTIAL · DRAFT, NOT RELEASED · Internal edition" in told
    assert "places, people and events are fictional" in told
    assert done.file.parent == own_office.path(own_office.private) / "exports"
    assert done.file.name == f"internal-kestara-2026-w46-001.{kind}"
    assert not list(done.file.parent.glob(".checking*"))
    act = audit.acts(own_office)[-1]
    assert (act.act, act.by, act.ids["rows"], act.ids["file"]) == (
        "exported", "Desk officer", len(listed), done.file.name,
    )  # fmt: skip


def test_nothing_above_the_readers_is_in_the_bytes_and_no_cell_acts(own_office: Office) -> None:
    """A row held higher, a closed column, a formula and an address: none of it is in a partner's file."""
    plain = {
        "occurred_on": date(2026, 11, 12), "date_precision": "day", "event_type": "armed_clash",
        "threat_category": "armed_conflict", "district": "KS0101", "admin1": "KS01", "district_name": "Kuro",
    }  # fmt: skip
    put_rows(
        own_office, "incident",
        plain | {"record_id": "P1", "level": "public", "releasable_text": "=cmd|'/c calc'!A1",
                 "actor1": "zqclosedactor", "narrative": "zqclosedtext"},
        plain | {"record_id": "P2", "level": "internal", "releasable_text": "zqclosedrow"},
        plain | {"record_id": "P3", "level": "public", "releasable_text": "https://example.org/x"},
        source="meridian", at=AT + timedelta(minutes=1),
    )  # fmt: skip
    made, store = edition(own_office, "partners"), view.store_of(own_office)
    rows = made.view.table("incident")
    ours = tuple(
        rows.index[rows["releasable_text"].notna() & rows["occurred_on"].eq(pd.Timestamp(2026, 11, 12))]
    )
    done = export(own_office, store, made, Selection(rows=ours), kind="csv", by="Desk", at=AT)
    content = done.file.read_text(encoding="utf-8")
    assert "zqclosed" not in content
    assert "\"'=cmd" in content
    assert '"address: https://example.org/x"' in content


def test_the_gate_refuses_a_file_with_a_sealed_name(own_office: Office) -> None:
    """A name of the sealed table that somebody typed into a text stops the file, and it is logged."""
    store = view.store_of(own_office)
    sealed = store.read(record_type("interlocutor"), as_of=AT)
    name = str(sealed["name"].dropna().iloc[0])
    row = {
        "record_id": "P1", "level": "public", "occurred_on": date(2026, 11, 12), "date_precision": "day",
        "event_type": "armed_clash", "threat_category": "armed_conflict", "district": "KS0101",
        "admin1": "KS01", "district_name": "Kuro", "releasable_text": f"Reported by {name}.",
    }  # fmt: skip
    put_rows(own_office, "incident", row, source="meridian", at=AT + timedelta(minutes=1))
    made = edition(own_office, "partners")
    rows = made.view.table("incident")
    typed = tuple(rows.index[rows["releasable_text"].fillna("").str.contains(name, regex=False)])
    assert typed
    with pytest.raises(
        DisclosureRefused, match=r"refused this file.*forbidden_value in table_01\.csv"
    ) as told:
        export(own_office, store, made, Selection(rows=typed), kind="csv", by="Desk", at=AT)
    assert name not in str(told.value)
    folder = own_office.path(own_office.private) / "exports"
    assert not [one for one in folder.iterdir() if one.suffix in {".csv", ".xlsx"}]
    assert audit.acts(own_office)[-1].act == "gate_refused"


def test_readers_of_counts_are_given_counts(own_office: Office) -> None:
    """The public's file is its table of counts, small ones withheld in words, and no row of an incident."""
    made, store = edition(own_office, "public"), view.store_of(own_office)
    assert not len(made.view.table("incident"))
    done = export(own_office, store, made, Selection(), kind="csv", by="Desk", at=AT)
    _, table = table_of(done.file)
    assert list(table.columns) == ["table", "week", "event_type", "district", "incidents"]
    numbers = pd.to_numeric(table["incidents"], errors="coerce").dropna()
    assert len(numbers)
    assert not numbers.between(1, 4).any()
    assert set(table["incidents"][pd.to_numeric(table["incidents"], errors="coerce").isna()]) <= {
        "withheld", "unknown",
    }  # fmt: skip


def test_nothing_selected_is_nothing_to_save(sample_office: Office) -> None:
    """A selection of no row is refused in a sentence, before anything is made."""
    made, store = edition(sample_office, "internal"), view.store_of(sample_office)
    none = Selection(text="no row says these words")
    with pytest.raises(ParameterError, match="Nothing is selected"):
        export(sample_office, store, made, none, kind="csv", by="Desk", at=AT)
    assert not (sample_office.path(sample_office.private) / "exports").exists()
