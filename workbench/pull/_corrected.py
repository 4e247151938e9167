"""Corrections of the desk, applied to delivered rows: before they are located, labelled and validated."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from workbench.config import HIGHEST, LEVELS, Office, Source
from workbench.pull._report import LapsedCorrection
from workbench.records import RecordType, parse_text, record_type
from workbench.sources import is_register
from workbench.store import Store

FLAG = "corrected"
"""The flag of a row that a correction holds for."""

PLACE = (
    "district", "district_given", "admin1_given", "place_name", "latitude", "longitude", "place_precision",
)  # fmt: skip
"""What a source says of a place: a district that the desk chose holds while all of it is as it was."""

_LATER = ("district", "level", "compartments")
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """
    What the desk set right of one delivery.

    `holding`: `at` (label of the row), `column`, `value_to`, one line for each value that is set, of
    corrections whose row is still delivered as it was. `lapsed`: those whose row is delivered otherwise.
    """

    holding: pd.DataFrame
    lapsed: tuple[LapsedCorrection, ...]

    @property
    def rows(self) -> int:
        """How many rows are corrected."""
        return int(self.holding["at"].nunique())

    def given(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the delivered `rows` with the values set that locating and validating then read."""
        now = self.holding[~self.holding["column"].isin(_LATER)]
        values = {}
        for name, some in now.groupby("column"):
            before = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype="str")
            values[str(name)] = _replaced(before, some)
        return rows.assign(**values)

    def placed(self, rows: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
        """Return the located `rows` in the districts that the desk chose, `matched_by` desk."""
        chosen = self.holding[self.holding["column"] == "district"]
        if chosen.empty:
            return rows
        place = districts.set_index("district")
        values = {"district": _replaced(rows["district"], chosen)}
        for name in ("district_name", "admin1"):
            of_it = chosen.assign(value_to=chosen["value_to"].map(place[name]))
            values[name] = _replaced(rows[name], of_it)
        values["matched_by"] = _replaced(rows["matched_by"], chosen.assign(value_to="desk"))
        return rows.assign(**values)

    def labelled(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the labelled `rows` with labels raised to what the desk asks for, and never lowered."""
        if not self.holding["column"].isin(["level", "compartments"]).any():
            return rows
        levels = self.holding[self.holding["column"] == "level"]
        raised = rows["level"].copy()
        for at, word in zip(levels["at"], levels["value_to"], strict=True):
            raised.loc[at] = _higher(raised.loc[at], word)
        groups = self.holding[self.holding["column"] == "compartments"].dropna(subset="value_to")
        joined = rows["compartments"].copy()
        for at, named in zip(groups["at"], groups["value_to"], strict=True):
            own = joined.loc[at]
            joined.loc[at] = named if pd.isna(own) else f"{own};{named}"
        return rows.assign(level=raised, compartments=joined)

    def flagged(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return `rows` with the flag of those that were corrected."""
        if self.holding.empty:
            return rows
        own = rows["flags"] if "flags" in rows else pd.Series(None, index=rows.index, dtype="str")
        touched = pd.Series(rows.index.isin(self.holding["at"]), index=rows.index)
        told = (own.fillna("") + ";" + FLAG).str.strip(";")
        return rows.assign(flags=own.where(~touched, told).astype("str"))


def standing_corrections(office: Office, store: Store, source: Source) -> pd.DataFrame:
    """
    Return the corrections of rows of `source` that stand now: the latest of each row and column.

    Columns of `correction`, oldest first. Registers are not corrected, but entered anew.
    """
    registers = [one.slug for one in office.source if one.record == "correction"]
    if not registers or source.record == "correction" or is_register(source):
        return pd.DataFrame(columns=list(record_type("correction").names))
    rows = store.read(record_type("correction"), as_of=_END, sources=registers)
    own = rows[(rows["corrected_source"] == source.slug) & (rows["corrected_record"] == source.record)]
    own = own.sort_values(["recorded_at", "source", "record_id"], kind="stable")
    return own.drop_duplicates(["corrected_id", "column"], keep="last").reset_index(drop=True)


def holding(
    rows: pd.DataFrame, corrections: pd.DataFrame, record: RecordType, *, districts: frozenset[str]
) -> Corrections:
    """
    Return which of the standing `corrections` hold for `rows` as delivered, and which have lapsed.

    One holds while the delivered value is the one that was corrected: the same text but for blanks, or the
    same number, day or word however written; missing equals missing. It neither holds nor lapsed where its
    row is not delivered, or comes with the value it should have. `districts` are the codes a place may have.
    """
    found: list[tuple[object, str, str | None]] = []
    lapsed = []
    if corrections.empty or "record_id" not in rows:
        return Corrections(holding=_held(found), lapsed=())
    ids = rows["record_id"].str.strip()
    places = ids[ids.isin(corrections["corrected_id"])]
    for one in corrections.to_dict("records"):
        column, to = str(one["column"]), _text(one["value_to"])
        usable = column != "district" or to in districts
        for at in places.index[places == one["corrected_id"]]:
            delivered = _delivered(rows, at, column)
            if usable and same(record, column, delivered, _text(one["value_was"])):
                found.append((at, column, to))
            elif not same(record, column, delivered, to):
                lapsed.append(
                    LapsedCorrection(
                        correction=str(one["record_id"]), record_id=str(one["corrected_id"]), column=column
                    )
                )
    return Corrections(holding=_held(found), lapsed=tuple(lapsed))


def same(record: RecordType, column: str, one: str | None, other: str | None) -> bool:
    """Whether two texts say the same value of a column; None says none."""
    texts = [" ".join(text.split()) if text else "" for text in (one, other)]
    if texts[0] == texts[1]:
        return True
    if not all(texts) or column not in record.names or column in _LATER:
        return False
    read = [parse_text(record.column(column), text) for text in texts]
    return read[0] is not None and read[0] == read[1]


def place_said(row: Mapping[Hashable, object]) -> str | None:
    """Return all that a delivered row says of its place, None if it says nothing: what a choice rests on."""
    said = [(name, _text(row.get(name))) for name in PLACE]
    return "; ".join(f"{name} = {' '.join(text.split())}" for name, text in said if text) or None


def _held(found: list[tuple[object, str, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=["at", "column", "value_to"])
    return frame.astype({"column": "str", "value_to": "str"})


def _delivered(rows: pd.DataFrame, at: object, column: str) -> str | None:
    if column == "district":
        return place_said(rows.loc[[at]].iloc[0].to_dict())
    return _text(rows.at[at, column]) if column in rows else None


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value).strip()


def _replaced(values: pd.Series, some: pd.DataFrame) -> pd.Series:
    new = some.set_index("at")["value_to"].astype("str").reindex(values.index)
    return values.astype("str").mask(values.index.isin(some["at"]), new)


def _higher(own: object, asked: object) -> object:
    heights = [LEVELS.index(word) if word in LEVELS else None for word in (_word(own), _word(asked))]
    if heights[0] is None:
        return own  # missing or unknown: validation takes it as the highest, and says so
    return LEVELS[max(heights[0], HIGHEST if heights[1] is None else heights[1])]


def _word(value: Any) -> str:
    return "" if pd.isna(value) else str(value).strip().lower()
