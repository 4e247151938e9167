"""What an audience is not shown of a week, and why: for the desk, and in no document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from workbench.audience import ColumnRule, Policy, may_read, policy
from workbench.config import COMPARTMENTS, HIGHEST, Audience, Office
from workbench.records import RecordType
from workbench.store import Store
from workbench.view import Request, View, make, nameable

_WHOLE = "the_whole_store"
_KEY = ["source", "record_id"]

LEVEL, COMPARTMENT, COUNTS = "level", "compartment", "counts"
PAIR, LINE, SOURCE, PLACE, OTHER = "pair", "line", "source", "place", "other"


@dataclass(frozen=True)
class Withheld:
    """So many rows that are not there, and the rule that keeps them: its word, and a plain sentence."""

    reason: str
    why: str
    rows: int


@dataclass(frozen=True)
class Less:
    """
    What the rows of one record type that an audience reads say less of than they do to the desk.

    In how many a text is withheld (`texts`), in how many of these nothing was written for release
    (`nothing_released`), in how many an exact place is told less closely (`places`), and how many are told
    to everybody as counts (`unlisted`). `columns`: those not read that have a value, by the reason.
    """

    texts: int
    nothing_released: int
    places: int
    unlisted: int
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class LeftOut:
    """
    What is left out of one record type: of `held` rows, the desk's, `read` are in the audience's view.

    `absent` says why the others are not; together they are `held - read`.
    """

    record: str
    held: int
    read: int
    absent: tuple[Withheld, ...]
    less: Less

    @property
    def nothing(self) -> bool:
        """Whether the audience gets all of it that the desk gets."""
        return self.held == self.read and not self.less.columns


@dataclass(frozen=True)
class Compared:
    """
    What an audience is not shown of a week, beside what `desk` is, both as known at `as_of`.

    `cells`: of an audience given counts, how many counts of the week its table has, and how many of them are
    withheld under its threshold; None for the others.
    """

    audience: str
    desk: str
    as_of: datetime
    records: tuple[LeftOut, ...]
    cells: tuple[int, int] | None


def desk_readers(office: Office) -> Audience:
    """Return the audience that others are compared with: of the desk, or else the one that reads most."""
    if office.desk.audience:
        return office.audience_called(office.desk.audience)
    return max(
        office.audience, key=lambda one: (one.count_threshold == 1, one.clearance, len(one.compartments))
    )


def left_out(office: Office, store: Store, seen: View) -> Compared:
    """
    Return what the readers of a view are not shown of its week, of what the desk's are.

    The rows are those that were known at the view's own `as_of`, of the same area. Of record types that
    describe what lasts, all that hold; of the others, those dated in the week. Which row is read, and by
    which rule not, is asked of the policy itself, with the labels that rows have in a view.
    """
    desk, reader = desk_readers(office), office.audience_called(seen.audience.slug)
    whole = _whole(office, store, seen)
    of_desk, of_reader = (policy(office, one) for one in (desk, reader))
    why_not = _Reasons(office, whole)
    found = []
    for name in (one for one in whole.tables if "." not in one and one != "count"):
        record = of_reader.records[name]
        rows = whole.table(name)
        if rows.empty:
            continue
        rows = rows[_of_week(record, rows, seen)]
        held = rows[why_not.of(record, rows, of_desk).eq("")]
        reasons = why_not.of(record, held, of_reader)
        read = held[reasons.eq("")]
        in_view = _in_view(record, seen)
        counts = reasons[reasons.ne("")].value_counts()
        absent = {str(reason): int(count) for reason, count in counts.items()}
        rest = len(read) - in_view
        if rest > 0:
            absent[OTHER] = rest
        if len(held):
            found.append(
                LeftOut(
                    record=name, held=len(held), read=min(len(read), in_view),
                    absent=tuple(
                        Withheld(reason, _said(reason, held[reasons.eq(reason)], reader), count)
                        for reason, count in absent.items()
                    ),
                    less=_less(read, of_desk, of_reader, record),
                )
            )  # fmt: skip
    return Compared(reader.name, desk.name, seen.as_of, tuple(found), _cells(seen))


def _whole(office: Office, store: Store, seen: View) -> View:
    """Return all there is of the area and week of a view, as known then, with labels and stored ids."""
    everybody = Audience(
        slug=_WHOLE, name=_WHOLE, level=HIGHEST.slug, compartments=COMPARTMENTS, place_precision="exact",
        free_text="full", briefings=(), marking="",
    )  # fmt: skip
    opened = office.model_copy(update={"audience": (*office.audience, everybody)})
    return make(
        opened, store,
        Request(area=seen.area.slug, week=seen.week.slug, audience=_WHOLE, as_of=seen.as_of),
    )  # fmt: skip


class _Reasons:
    """By which rule a row of the whole is not in the view of an audience; "" where it is."""

    def __init__(self, office: Office, whole: View) -> None:
        self._office, self._whole = office, whole

    def of(self, record: RecordType, rows: pd.DataFrame, rules: Policy) -> pd.Series:
        """Return the first rule that keeps each row from the audience of `rules`."""
        reader = rules.audience
        found = pd.Series("", index=rows.index, dtype="str")
        if record.name == "incident" and reader.count_threshold > 1:
            found[:] = COUNTS
        if rows.empty:
            return found
        any_compartment = reader.model_copy(update={"compartments": COMPARTMENTS})
        self._mark(found, ~may_read(rows, any_compartment), LEVEL)
        self._mark(found, ~may_read(rows, reader), COMPARTMENT)
        if not rules.columns(record.name):
            self._mark(found, found.eq(""), rules.rule(record.name, record.dated_by).reason)
        if record.name == "rejected_row":
            named = [one.slug for one in nameable(self._office, reader)]
            self._mark(found, ~rows["source"].isin(named), SOURCE)
        if "district" in rows and reader.place_precision == "area":
            self._mark(found, rows["district"].isna(), PLACE)
        if record.name == "duplicate_decision":
            self._mark(found, ~self._both(rows, rules), PAIR)
        if record.name == "risk_measure":
            self._mark(found, rows["risk"].isin(self._closed_lines(rules)), LINE)
        return found

    @staticmethod
    def _mark(found: pd.Series, hidden: pd.Series, reason: str) -> None:
        found[hidden & found.eq("")] = reason

    def _both(self, decisions: pd.DataFrame, rules: Policy) -> pd.Series:
        incidents = self._whole.table("incident")
        # readers who are given counts hold no incident, and yet the rows that they are counted from
        open_ones = incidents[may_read(incidents, rules.audience)] if len(incidents) else incidents
        keys = pd.MultiIndex.from_frame(open_ones[_KEY])
        sides = [pd.MultiIndex.from_frame(decisions[[f"{side}_source", f"{side}_id"]])
                 for side in ("left", "right")]  # fmt: skip
        return pd.Series(sides[0].isin(keys) & sides[1].isin(keys), index=decisions.index)

    def _closed_lines(self, rules: Policy) -> list[str]:
        lines = self._whole.table("risk_line")
        if lines.empty:
            return []
        closed = self.of(rules.records["risk_line"], lines, rules).ne("")
        return [str(one) for one in lines.loc[closed, "record_id"]]


def _of_week(record: RecordType, rows: pd.DataFrame, seen: View) -> pd.Series:
    if record.lasting:
        return pd.Series(data=True, index=rows.index)
    first, last = (pd.Timestamp(day) for day in (seen.week.first_day, seen.week.last_day))
    return rows[record.dated_by].between(first, last)


def _in_view(record: RecordType, seen: View) -> int:
    """Return how many rows of the week the view itself has."""
    rows = seen.table(record.name)
    if rows.empty or not len(rows.columns):
        return 0
    # where the day is not read, which rows are the week's is not known from the view alone
    return int(_of_week(record, rows, seen).sum()) if record.dated_by in rows else len(rows)


def _less(read: pd.DataFrame, of_desk: Policy, of_reader: Policy, record: RecordType) -> Less:
    """Return what the rows that are read say less of than to the desk."""
    hidden: dict[str, list[str]] = {}
    for name in of_desk.columns(record.name):
        rule = of_reader.rule(record.name, name)
        if not rule.read and name in read and read[name].notna().any():
            hidden.setdefault(_kind(rule, record), []).append(name)
    texts, places = hidden.get("text", []), hidden.get("place", [])
    withheld = read[texts].notna().any(axis=1) if texts else pd.Series(data=False, index=read.index)
    told = "releasable_text" in of_reader.columns(record.name) and "releasable_text" in read
    released = read["releasable_text"].notna() if told else pd.Series(data=False, index=read.index)
    return Less(
        texts=int(withheld.sum()),
        nothing_released=int((withheld & ~released).sum()),
        places=int(read[places].notna().any(axis=1).sum()) if places else 0,
        unlisted=int((~read["listable"].fillna(value=False).astype(bool)).sum()),
        columns={kind: tuple(names) for kind, names in hidden.items()},
    )


def _kind(rule: ColumnRule, record: RecordType) -> str:
    if rule.reason == "place_precision" or "exact_location" in rule.compartments:
        return "place"
    column = record.column(rule.column)
    return "text" if column.kind == "free_text" or column.unreleased else rule.reason


def _said(reason: str, rows: pd.DataFrame, reader: Audience) -> str:
    if reason == COMPARTMENT:
        named = {one.strip() for label in rows["compartments"].dropna() for one in str(label).split(";")}
        lacking = [one for one in COMPARTMENTS if one in named and one not in reader.compartments]
        return f"of a compartment they lack: {', '.join(lacking).replace('_', ' ')}"
    plain = {
        LEVEL: f"held above their level, which is {reader.level.replace('_', ' ')}",
        COUNTS: "given as counts: these readers get no rows",
        PAIR: "about incidents of which they do not read both",
        LINE: "a measure against a risk that they do not read",
        SOURCE: "of a source that they may not know of",
        PLACE: "in no district: they are told the area only",
        OTHER: "not in their view for another reason, such as what it belongs to",
    }
    return plain.get(reason, "no column of it is theirs to read")


def _cells(seen: View) -> tuple[int, int] | None:
    if "count" not in seen.tables:
        return None
    cells = seen.table("count")
    cells = cells[cells["week"].astype("str").str[:10] == str(seen.week.first_day)]
    return len(cells), int(cells["state"].eq("withheld").sum())
