"""Bad input, end to end: each shipped notebook makes an honest page of it, never a NaN or an empty chart."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.test_notebooks import COUNTS, view_of, with_tables
from workbench import analysis, view
from workbench.blocks import Block, Columns, Figure, Map, to_json
from workbench.config import Office
from workbench.errors import ParameterError
from workbench.view import View

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = ("weekly_conflict", "data_quality", "district_profile")
NOT_A_WORD = re.compile(r"\b(NaN|nan|None(?! of the )|NaT|inf)\b|<NA>|\{\w+\}")
INCIDENTS = ("incident", "incident.before", "incident.revisions")
"""The tables that hold incidents: as known now, as known at the last issue, and every revision."""

KILLED = ["killed_best", "killed_low", "killed_high", "civilians_killed"]


# --- Views gone bad -----------------------------------------------------------------------------------


def each_table(seen: View, change: Callable[[pd.DataFrame], pd.DataFrame]) -> View:
    """Return a view whose tables of incidents are changed, all alike."""
    return with_tables(seen, **{name: change(seen.tables[name]) for name in INCIDENTS})


def emptied(seen: View, *names: str) -> View:
    """Return a view in which these tables hold no row."""
    return with_tables(seen, **{name: seen.tables[name].iloc[:0] for name in names})


def weeks_ago(seen: View, rows: pd.DataFrame) -> pd.Series:
    """Return how many weeks before the view's week each row happened; below 0 is after it."""
    return (pd.Timestamp(seen.week.last_day) - rows["occurred_on"]).dt.days // 7


def plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Return counted rows as plain ones: alone, one day, no deaths."""
    made = rows.assign(occurred_to=pd.NaT, date_precision="day", dup_group=None, verification="reported")
    made = made.assign(event_type="armed_clash", **dict.fromkeys(KILLED, 0))
    return made.astype(rows.dtypes.to_dict())


def numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with ids of their own, where the reader has ids."""
    if "record_id" not in rows:
        return rows
    return rows.assign(
        record_id=pd.Series([f"r{n}" for n in range(len(rows))], index=rows.index, dtype="str")
    )


def row_of_week(seen: View, rows: pd.DataFrame, *, back: int = 0, **given: Any) -> pd.DataFrame:
    """Return one plain row of the first district, on the Wednesday of a week."""
    day = pd.Timestamp(seen.week.back(back).first_day + timedelta(days=2))
    made = plain(rows[rows["source"].eq(seen.area.counts_from[0])].head(1))
    made = made.assign(occurred_on=day, district=seen.area.districts[0], listable=True, **given)
    if "record_id" in rows:
        made = made.assign(record_id=f"row {back} {sorted(given)}")
    if "known_until" in rows:
        made["known_until"] = pd.Series(pd.NaT, index=made.index, dtype=rows["known_until"].dtype)
    return made.astype(rows.dtypes.to_dict())


def of_weeks(seen: View, rows: pd.DataFrame, weeks: list[int]) -> pd.DataFrame:
    """Return a table with one plain row in each of these weeks, counted back, and no other."""
    made = [row_of_week(seen, rows, back=back) for back in weeks]
    return pd.concat(made, ignore_index=True) if made else rows.iloc[:0]


def one_row(seen: View) -> View:
    """Return a view whose only incident ever is one of the week."""
    return each_table(seen, lambda rows: of_weeks(seen, rows, [0]))


def all_zeros(seen: View) -> View:
    """Return a view without an incident in the last 60 weeks, but with a history before."""
    return each_table(seen, lambda rows: rows[weeks_ago(seen, rows) >= 60])


def constant(seen: View) -> View:
    """Return a view whose first district has one incident in every week, and the others none."""
    return each_table(seen, lambda rows: of_weeks(seen, rows, list(range(110))))


def gap(seen: View) -> View:
    """Return a view without any row of the last 4 to 20 weeks."""
    return each_table(seen, lambda rows: rows[~weeks_ago(seen, rows).between(4, 20)])


def future(seen: View) -> View:
    """Return a view that holds rows of the three weeks after its own."""

    def later(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, of_weeks(seen, rows, [-1, -2, -3])], ignore_index=True)

    return each_table(seen, later)


def ten_thousand(seen: View) -> View:
    """Return a view in which one incident of the week killed 10,000."""
    deaths = {"killed_best": 10_000, "killed_low": 9_000, "killed_high": 12_000, "civilians_killed": 8_000}

    def worse(rows: pd.DataFrame) -> pd.DataFrame:
        given = {name: n for name, n in deaths.items() if name in rows}
        return pd.concat([rows, row_of_week(seen, rows, **given)], ignore_index=True)

    return each_table(seen, worse)


def months(seen: View) -> View:
    """Return a view with ten more rows of the week that are only known to a month."""

    def vaguer(rows: pd.DataFrame) -> pd.DataFrame:
        vague = row_of_week(seen, rows, date_precision="month").loc[lambda one: one.index.repeat(10)]
        return pd.concat([rows, numbered(vague)], ignore_index=True)

    return each_table(seen, vaguer)


def twice(seen: View) -> View:
    """Return a view in which every row stands twice under the same id."""
    return each_table(seen, lambda rows: pd.concat([rows, rows], ignore_index=True))


def no_deaths(seen: View) -> View:
    """Return a view whose readers may not know of deaths."""
    return each_table(seen, lambda rows: rows.drop(columns=KILLED, errors="ignore"))


def no_district(seen: View) -> View:
    """Return a view whose readers may know the area only."""
    place = ["district", "district_name", "place_name", "latitude", "longitude"]
    tables = {name: rows.drop(columns=place, errors="ignore") for name, rows in seen.tables.items()}
    reader = dataclasses.replace(seen.audience, place_precision="area")
    return dataclasses.replace(seen, audience=reader, tables=MappingProxyType(tables))


def deaths_unknown(seen: View) -> View:
    """Return a view in which nobody recorded how many were killed."""
    return each_table(
        seen,
        lambda rows: rows.assign(
            **{name: rows[name].mask(rows[name].ge(0)) for name in KILLED if name in rows}
        ),
    )


def no_log(seen: View) -> View:
    """Return a view in which nobody was ever spoken to."""
    return emptied(seen, "liaison_entry")


def no_risk(seen: View) -> View:
    """Return a view of an office without a risk table."""
    return dataclasses.replace(seen, office=dataclasses.replace(seen.office, risk=None))


def no_assessment(seen: View) -> View:
    """Return a view without any assessment, of the week or of a district."""
    return emptied(seen, "assessment", "district_assessment")


BAD: dict[str, Callable[[View], View]] = {
    "no incident at all": lambda seen: emptied(seen, *INCIDENTS),
    "one row": one_row,
    "all zeros": all_zeros,
    "a constant series": constant,
    "a gap of months": gap,
    "weeks in the future": future,
    "10,000 deaths in one row": ten_thousand,
    "precision of a month": months,
    "duplicate ids": twice,
    "without deaths": no_deaths,
    "without districts": no_district,
    "deaths not recorded": deaths_unknown,
    "no liaison entry": no_log,
    "no risk table": no_risk,
    "no assessment": no_assessment,
}


# --- Pages, made in this process ------------------------------------------------------------------------


def page_of(name: str, seen: View, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Block]:
    """Run the code cells of a notebook on a view and return the blocks they show."""
    view.save(seen, folder / "view")
    monkeypatch.setenv(view.VARIABLE, str(folder / "view"))
    shown: list[Any] = []
    space: dict[str, Any] = {"display": lambda *blocks: shown.extend(blocks)}
    parameters = {
        "area": seen.area.slug,
        "week": seen.week.slug,
        "audience": seen.audience.slug,
        "as_of": seen.as_of.isoformat(),
        "language": "en",
    }
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    for number, cell in enumerate(one for one in cells if one["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name}, cell {number}", "exec"), space)  # noqa: S102 - our own notebook
        if "parameters" in cell["metadata"].get("tags", []):
            space |= parameters
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"{name}, cell {number}", "eval"), space)  # noqa: S307 - our own notebook
            shown += [] if value is None else [value]
    return shown


def within(blocks: list[Block]) -> Iterator[Block]:
    """Yield blocks, those set side by side too."""
    for block in blocks:
        yield block
        if isinstance(block, Columns):
            yield from within([*block.left, *block.right])


def texts(told: Any) -> Iterator[str]:
    """Yield every text in a block's JSON, but not what figures are drawn from, nor labels (templates)."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for key, value in told.items():
            if key not in _NO_TEXT:
                yield from texts(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from texts(value)


_NO_TEXT = {"spec", "svg", "labels", "style", "tone", "symbol", "align", "kind"}
"""Parts of a block that hold no words of the page; its labels are templates."""


def drawn(figure: Figure) -> bool:
    """Return whether a figure shows anything: its data table has a cell that is no name and not empty."""
    if figure.data is None or isinstance(figure, Map):
        return figure.spec is not None or bool(figure.svg)
    told = [n for n, column in enumerate(figure.data.columns) if n and column.label not in _NAMES_OF_ROWS]
    return any(row[n].text not in _NOTHING for row in figure.data.rows for n in told)


_NAMES_OF_ROWS = {"First day", "State"}
_NOTHING = {"", "–", "n/a", "no data"}


def check(blocks: list[Block]) -> str:
    """Check that a page is blocks, says no missing value and draws no empty figure; return its words."""
    assert blocks
    assert [type(one).__name__ for one in blocks if not isinstance(one, Block)] == []
    said = [text for one in blocks for text in texts(to_json(one))]
    assert [text for text in said if NOT_A_WORD.search(text)] == []
    figures = [one for one in within(blocks) if isinstance(one, Figure)]
    assert [one.title for one in figures if not one.alt or not drawn(one)] == []
    return " | ".join(said)


@pytest.fixture(scope="module", params=["internal", "partners"])
def good(request: pytest.FixtureRequest, sample_office: Office) -> View:
    """Return the view that an audience has of the sample office's last week."""
    return view_of(sample_office, request.param)


CASES = [
    pytest.param(
        name,
        bad,
        id=f"{bad}-{name}",
    )
    for bad in BAD
    for name in NAMES
]

TOLD: dict[str, tuple[str, ...]] = {
    "no incident at all": ("No data reach this week.", "| – | incidents |", "too short for an outlook"),
    "one row": ("| 1 | incident |", "too little history to say", "too short for an outlook"),
    "all zeros": ("| – | incidents |", "no incident known", "No incident of this week is known."),
    "a constant series": (
        "| 1 | incident |",
        "within usual variation",
        "No method did better than the plain",
    ),
    "a gap of months": ("last week · median 0",),
    "weeks in the future": ("data known on 16 Nov 2026",),
    "10,000 deaths in one row": ("| 10,016 | deaths (9,012–12,022) |", "| of which 8,009 civilians |"),
    "precision of a month": ("Known only over a longer time", "They are in no weekly count"),
    "duplicate ids": ("data known on 16 Nov 2026",),
    "without deaths": ("| Deaths (best estimate) | n/a | n/a | n/a |",),
    "without districts": ("numbers for the whole area only", "Counts by district are not part"),
    "deaths not recorded": ("incidents |",),
    "no liaison entry": ("incidents |",),
    "no risk table": ("incidents |",),
    "no assessment": ("No assessment has been written for this week.",),
}
"""What the weekly page says of it, in either edition."""

UNTOLD: dict[str, tuple[str, ...]] = {
    "no incident at all": ("| 0 | incidents |", "| 0 | deaths |"),
    "all zeros": ("| 0 | incidents |", "| 0 | deaths |"),
    "without deaths": ("| 0 | deaths |",),
    "without districts": ("| District |",),
    "no assessment": ("Key judgements | judgement",),
}
"""What it must not say."""

SAID_WITHIN = {
    "no liaison entry": ("| 0/8 | districts in contact |", "No contact on record: Kuro"),
    "no risk table": ("This office has configured no risk table.",),
    "no assessment": ("Without an assessment there is nothing to check.",),
}
"""What the internal edition says besides."""

SAME_COUNT = {
    "precision of a month", "weeks in the future", "without deaths", "deaths not recorded",
    "without districts", "no liaison entry", "no risk table", "no assessment",
}  # fmt: skip
"""Rows of a month or of later weeks make no rise, and what is missing makes no fall."""


@pytest.mark.parametrize(("name", "bad"), CASES)
def test_bad_input_makes_an_honest_page(
    name: str, bad: str, good: View, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every notebook runs to its end, prints no missing value, draws no empty chart and says what is so."""
    said = check(page_of(name, BAD[bad](good), tmp_path, monkeypatch))
    if name == "weekly_conflict":
        told = TOLD[bad] + (SAID_WITHIN.get(bad, ()) if good.audience.slug == "internal" else ())
        assert [text for text in told if text not in said] == []
        assert [text for text in UNTOLD.get(bad, ()) if text in said] == []
        if bad in SAME_COUNT:
            assert f"| {COUNTS[good.audience.slug]} | incidents |" in said


# --- Negative counts ------------------------------------------------------------------------------------


def negative(*, weeks: int = 60) -> pd.DataFrame:
    """Return the weekly counts of three districts, one of which had -1 in the last week."""
    days = pd.date_range(end="2026-11-09", periods=weeks, freq="7D").astype("datetime64[s]")
    counts = np.ones((3, weeks))
    counts[1, -1] = -1
    index = pd.Index(["KS0101", "KS0102", "KS0103"], name="district", dtype="str")
    return pd.DataFrame(counts, index=index, columns=pd.Index(days, name="week")).astype("Float64")


def places() -> pd.DataFrame:
    """Return the points of the three districts."""
    names = ["KS0101", "KS0102", "KS0103"]
    return pd.DataFrame({"district": names, "latitude": [0.0, 0.1, 0.2], "longitude": [0.0, 0.1, 0.2]})


LAST = pd.Timestamp("2026-11-09").date()
METHODS: dict[str, Callable[[pd.DataFrame], object]] = {
    "change_of_week": lambda counts: analysis.change_of_week(counts, week=LAST),
    "ears": analysis.ears,
    "watch": analysis.watch,
    "outlook": analysis.outlook,
    "scorecard": lambda counts: analysis.scorecard(counts, horizon=1),
    "nowcast": lambda counts: analysis.nowcast(
        counts.set_axis(range(counts.shape[1]), axis=1).loc[["KS0102"]]
    ),
    "delay_known": lambda counts: analysis.delay_known(
        counts.set_axis(range(counts.shape[1]), axis=1).loc[["KS0102"]]
    ),
    "scan": lambda counts: analysis.scan(
        places().assign(cases=counts.iloc[:, -1].to_numpy(), expected=1.0), rng=np.random.default_rng(1)
    ),
    "scan_space_time": lambda counts: analysis.scan_space_time(
        counts, places(), rng=np.random.default_rng(1)
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_negative_count_is_an_error_with_a_sentence(method: str) -> None:
    """No method takes -1 incidents for a count: it says what is wrong, in sentences."""
    with pytest.raises(ParameterError) as refused:
        METHODS[method](negative())
    told = str(refused.value)
    assert re.match(r"[A-Z].+\.$", told, re.DOTALL)
    assert re.search(r"negative|of 0 or more|below 0", told)
