"""Security risk by the office's own table: levels, expiry, measures, programmes that may run, headcount.

No rule here is the United Nations': likelihoods, impacts, levels, the table that joins them and the
level that each criticality allows are the office's configuration, whose `basis` says where they are
from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp

LINE_STATES: tuple[str, ...] = ("current", "not_yet_valid", "expired")

MEASURE_STANDINGS: tuple[str, ...] = ("needs_decision", "overdue", "agreed", "done", "dropped")
"""What a measure waits for; one that nobody decided on needs a decision first, however late it is."""

CRITICALITY_REASONS: tuple[str, ...] = (
    "no_criticality", "no_rule", "no_valid_line", "residual_unknown", "line_not_placed", "compared",
)  # fmt: skip
"""Why a site can, or cannot, be held against the office's rule: the first that holds."""

_RUNNING = ("running", "reduced")


class RiskTable(Protocol):
    """The office's risk table: words from the least to the gravest, and the level of each pair."""

    @property
    def likelihoods(self) -> tuple[str, ...]:
        """Likelihood words, least likely first."""

    @property
    def impacts(self) -> tuple[str, ...]:
        """Impact words, least grave first."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Level words, lowest first."""

    @property
    def basis(self) -> str:
        """Where the table is from."""

    @property
    def table(self) -> Mapping[str, tuple[str, ...]]:
        """The level of each impact, by likelihood."""

    @property
    def criticality(self) -> Mapping[str, str]:
        """The highest residual level at which a programme may run, by criticality."""


def risk_lines(lines: pd.DataFrame, *, table: RiskTable | None, on: date) -> pd.DataFrame:
    """
    Return the risk lines with their levels, and whether they hold on the day `on`; worst first.

    Takes `valid_from`, `valid_to` and, where the reader has them, `likelihood_present`,
    `impact_present`, `likelihood_residual`, `impact_residual`; all columns pass through. Adds `present`
    and `residual` (level words, missing where they cannot be looked up), `present_reason` and
    `residual_reason` (looked_up, no_table, likelihood_missing, likelihood_unknown, impact_missing,
    impact_unknown: no word is guessed at), `moved` (Int64: levels from present to residual, below 0
    where measures lower it), `state` (current from `valid_from` to `valid_to`, both included;
    not_yet_valid, expired) and `days_left` (Int64: 0 on the last day, <NA> unless current). Sorted by
    residual, then present level, the gravest first and unknown ones last, then by state, the first to
    expire first.
    """
    need(lines, "valid_from", "valid_to", what="risk line")
    starts, ends = read(lines, "valid_from", DAY), read(lines, "valid_to", DAY)
    state = np.select(
        [ends.lt(stamp(on)).to_numpy(), starts.gt(stamp(on)).to_numpy()],
        ["expired", "not_yet_valid"],
        default="current",
    )
    current = state == "current"
    levels = {f"{when}{part}": column for when in ("present", "residual")
              for part, column in _levels(lines, when, table).items()}  # fmt: skip
    ranks = {when: _rank(levels[when], table) for when in ("present", "residual")}
    found = lines.assign(
        **levels,
        moved=ranks["residual"] - ranks["present"],
        state=pd.array(state, dtype="str"),
        days_left=(ends - stamp(on)).dt.days.astype("Int64").where(current, pd.NA),
    )
    keys = pd.DataFrame(
        {
            "residual": -ranks["residual"],
            "present": -ranks["present"],
            "state": [LINE_STATES.index(one) for one in state],
            "ends": ends,
            "record_id": read(lines, "record_id", "str"),
        },
        index=lines.index,
    )
    return _sorted(found, keys)


def measures(rows: pd.DataFrame, lines: pd.DataFrame, *, on: date) -> pd.DataFrame:
    """
    Return the measures with what each waits for on the day `on`, and the risk it is meant for.

    Takes `risk`, `state` and, where the reader has them, `due_on`, `verified_on` of measures, and a
    frame of `risk_lines`. All columns pass through. Adds `standing`, a code of MEASURE_STANDINGS
    (needs_decision: proposed; overdue: agreed and due before `on`), `overdue` (boolean: proposed or
    agreed, and due before `on`), `days_overdue` (Int64, <NA> unless overdue), `verified` (boolean: done,
    and seen to be by `on`; <NA> unless done), and of its line `area_name`, `threat_event`, `residual`
    and `line_state` (no_line where `risk` names none that this reader has). In the order of
    MEASURE_STANDINGS, the longest overdue first.
    """
    need(rows, "risk", "state", what="risk measure")
    state, due = read(rows, "state", "str"), read(rows, "due_on", DAY)
    late = state.isin(["proposed", "agreed"]) & due.lt(stamp(on))
    standing = state.replace({"proposed": "needs_decision"}).mask(late & state.eq("agreed"), "overdue")
    verified = read(rows, "verified_on", DAY).le(stamp(on)).astype("boolean").mask(state.ne("done"))
    names = {"area_name": "area_name", "threat_event": "threat_event", "residual": "residual",
             "state": "line_state"}  # fmt: skip
    known = pd.DataFrame(
        {new: read(lines, old, "str").to_numpy() for old, new in names.items()},
        index=pd.Index(read(lines, "record_id", "str"), name="risk"),
    ).astype("str")
    known = known[~known.index.duplicated() & known.index.notna()]
    joined = known.reindex(read(rows, "risk", "str")).set_axis(rows.index, axis=0)
    found = rows.assign(
        standing=standing.astype("str"),
        overdue=late.astype("boolean"),
        days_overdue=(stamp(on) - due).dt.days.astype("Int64").where(late, pd.NA),
        verified=verified,
        **{str(name): column for name, column in joined.items()},
    )
    found["line_state"] = found["line_state"].fillna("no_line")
    order = found["standing"].map({code: place for place, code in enumerate(MEASURE_STANDINGS)})
    return _sorted(found, pd.DataFrame({"order": order, "days": -found["days_overdue"], "due": due}))


def measure_counts(measures: pd.DataFrame) -> dict[str, int]:
    """Return how many measures wait for what: every one of MEASURE_STANDINGS, zeros explicit."""
    found = measures["standing"].value_counts()
    return {code: int(found.get(code, 0)) for code in MEASURE_STANDINGS}


def criticality(
    sites: pd.DataFrame, lines: pd.DataFrame, *, rule: RiskTable | None, on: date
) -> pd.DataFrame:
    """
    Hold the programme sites that run against the level which the office's rule allows them.

    Takes `district`, `state`, `state_since` and, where the reader has them, `criticality`, `admin1` of
    sites, and a frame of `risk_lines` made for the same day. Keeps sites that run or run reduced since
    `on` or before; all columns pass through. Adds `risk`, the gravest residual level among the current
    lines of the site's district and those of its whole province (lines with `admin1` but no district);
    `allowed`, the gravest level at which such a programme may run; `within` (boolean: risk is not above
    allowed) and `reason`, a code of CRITICALITY_REASONS. `within` is <NA> unless both can be told: a
    current line without a level leaves it open (residual_unknown), and so does one that names neither
    district nor province and has no level at or below what is allowed (line_not_placed), unless a line
    of the place is above it already. Sites above their level come first, then those nobody can tell, in
    the order given.
    """
    need(sites, "district", "state", "state_since", what="programme site")
    runs = read(sites, "state", "str").isin(_RUNNING) & read(sites, "state_since", DAY).le(stamp(on))
    rows = sites[runs]
    held = lines[read(lines, "state", "str").eq("current")]
    rank = _rank(read(held, "residual", "str"), rule)
    district, province = read(held, "district", "str"), read(held, "admin1", "str").copy()
    province = province.mask(district.notna())
    here = [(district, read(rows, "district", "str")), (province, read(rows, "admin1", "str"))]
    worst = pd.concat([_of(rank.groupby(place).max(), at) for place, at in here], axis=1).max(axis=1)
    lines_here = sum(_of(rank.groupby(place).size(), at).fillna(0) for place, at in here)
    open_here = sum(_of(rank.isna().groupby(place).sum(), at).fillna(0) for place, at in here)
    class_ = read(rows, "criticality", "str")
    allowed = class_.map(dict(rule.criticality) if rule else {}).astype("str")
    limit = _rank(allowed, rule)
    above = worst.gt(limit).fillna(value=False).astype(bool)
    nowhere = rank[district.isna() & province.isna()]
    # one without a level may be the gravest of all
    gravest = nowhere.fillna(len(rule.levels) if rule else 0).max() if len(nowhere) else -1
    reason = np.select(
        [
            class_.isna().to_numpy(),
            limit.isna().to_numpy(),
            np.asarray(lines_here == 0, dtype=bool),
            np.asarray(open_here > 0, dtype=bool) & ~above.to_numpy(),
            limit.lt(gravest).to_numpy(dtype=bool, na_value=False) & ~above.to_numpy(),
        ],
        CRITICALITY_REASONS[:-1],
        default=CRITICALITY_REASONS[-1],
    )
    words = dict(enumerate(rule.levels)) if rule else {}
    found = rows.assign(
        risk=worst.map(words).astype("str"),
        allowed=allowed,
        within=worst.le(limit).astype("boolean").where(reason == "compared", pd.NA),
        reason=pd.array(reason, dtype="str"),
    )
    order = found["within"].astype("Int64").replace({1: 2}).fillna(1).astype("int64")
    return found.iloc[np.argsort(order.to_numpy(), kind="stable")]


def headcount(rows: pd.DataFrame, *, on: date) -> pd.DataFrame:
    """
    Return the latest count of each organisation's staff by category, against its ceiling.

    Takes `counted_on`, `organisation`, `category`, `present` and, where the reader has them, `ceiling`,
    `on_leave`, `in_transit`; other columns pass through. Counts after `on` are left out; of two on one
    day the later row stands. Adds `over` (boolean: more are present than the ceiling allows; <NA> where
    either is missing), `over_by` (Int64, 0 or more) and `age_days`. Sorted by organisation and category.
    """
    need(rows, "counted_on", "organisation", "category", "present", what="headcount")
    day = read(rows, "counted_on", DAY)
    known = rows.assign(counted_on=day)[day.le(stamp(on))].sort_values("counted_on", kind="stable")
    keys = [read(known, "organisation", "str"), read(known, "category", "str")]
    latest = known[~pd.DataFrame(dict(enumerate(keys))).duplicated(keep="last")]
    present, ceiling = read(latest, "present", "Int64"), read(latest, "ceiling", "Int64")
    found = latest.assign(
        over=present.gt(ceiling).astype("boolean"),
        over_by=(present - ceiling).clip(lower=0),
        age_days=(stamp(on) - latest["counted_on"]).dt.days.astype("Int64"),
    )
    if found.empty:
        return found
    return found.sort_values(["organisation", "category"], kind="stable")


def _levels(lines: pd.DataFrame, when: str, table: RiskTable | None) -> dict[str, pd.Series]:
    """Return the level and why it is, or is not, there, of one pair of columns."""
    likely, grave = read(lines, f"likelihood_{when}", "str"), read(lines, f"impact_{when}", "str")
    known = table.table if table else {}
    cells = {
        (likelihood, impact): level
        for likelihood, row in known.items()
        for impact, level in zip(table.impacts if table else (), row, strict=True)
    }
    pairs = list(zip(likely, grave, strict=True))
    level = pd.Series([cells.get(pair) for pair in pairs], index=lines.index, dtype="str")
    reason = np.select(
        [
            np.full(len(lines), table is None),
            likely.isna().to_numpy(),
            ~likely.isin(list(known)).to_numpy(),
            grave.isna().to_numpy(),
            level.isna().to_numpy(),
        ],
        ["no_table", "likelihood_missing", "likelihood_unknown", "impact_missing", "impact_unknown"],
        default="looked_up",
    )
    return {"": level, "_reason": pd.Series(reason, index=lines.index, dtype="str")}


def _rank(level: pd.Series, table: RiskTable | None) -> pd.Series:
    places = {word: place for place, word in enumerate(table.levels if table else ())}
    return level.map(places).astype("Int64")


def _sorted(rows: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by these keys, missing ones last; what is equal keeps its order."""
    names = [*(str(name) for name in keys.columns), "_place"]
    placed = keys.assign(_place=np.arange(len(keys))).sort_values(names, na_position="last", kind="stable")
    return rows.iloc[placed["_place"].to_numpy()]


def _of(by_place: pd.Series, place: pd.Series) -> pd.Series:
    """Return what each row's place has, <NA> where it has none."""
    return by_place.reindex(place).set_axis(place.index).astype("Int64")
