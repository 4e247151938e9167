"""Making a view: from the store to what one audience may see of one area and week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pandas as pd

from workbench.audience import COUNTED, labelled, may_name, may_read, readable
from workbench.config import COMPARTMENTS, HIGHEST, Area, Audience, Office, Week
from workbench.config.tradecraft import likelihood_words
from workbench.errors import ParameterError, UserError
from workbench.records import RecordType, record_names, record_type
from workbench.sources.places import districts as office_districts
from workbench.store import Store
from workbench.view._groups import KEY, grouped
from workbench.view._revisions import WEEKS_OF_REVISIONS, snapshots, states, told
from workbench.view._seen import (
    SOURCE_TIMES,
    AreaSeen,
    AudienceSeen,
    OfficeSeen,
    RequiredContactSeen,
    RiskSeen,
    View,
)

WEEKS_OF_HISTORY = 110
"""Two years and the weeks a baseline needs before the same week two years ago."""

_NOT_IN_VIEWS = frozenset({"delivery"})
_TELLING = 12
"""Letters from which on a text of an earlier revision is looked for in what leaves."""

_OWN_NAMES = {
    "assessment": frozenset({"area", "week"}),
    "rejected_row": frozenset({"record", "column", "reason"}),
    "duplicate_decision": frozenset({"left_source", "right_source"}),
}
"""Columns of text that hold names of the workbench and the office, by record type; `source` always is one."""


@dataclass(frozen=True)
class Request:
    """
    What a view is asked for. `week` is a slug such as `2026-W46`.

    `compared_with` is the cut-off of the last issue; None means the last delivery a week or more
    before this one's.
    """

    area: str
    week: str
    audience: str
    as_of: datetime
    compared_with: datetime | None = None


def make(office: Office, store: Store, request: Request) -> View:
    """
    Return the view of one area, week and audience, as known at `request.as_of`.

    `as_of` is moved back to the last delivery at or before it: between two deliveries nothing more
    was known, so every instant between them gives the same view. `compared_with` is moved likewise.
    Raises UnknownName, ParameterError (a week that has not begun, an `as_of` before the week),
    UserError (an `as_of` before the first delivery).
    """
    area, reader = office.area_called(request.area), office.audience_called(request.audience)
    week = office.week(request.week)
    known = _cut_off(office, store, week, request.as_of)
    earlier = store.cut_off(min(request.compared_with or known - timedelta(days=7), known))
    outlines = office_districts(office)
    outlines = outlines[outlines["district"].isin(area.districts)].sort_values("district")
    provinces = frozenset(outlines["admin1"] if reader.place_precision != "area" else ())
    nameable = [source.slug for source in office.source if may_name(source, reader)]

    counted = tuple(slug for slug in area.counts_from if slug in nameable)

    def open_rows(record: RecordType, *, as_of: datetime) -> pd.DataFrame:
        rows = _rows(store, record, as_of=as_of, week=week)
        rows = labelled(rows, office.source)
        if as_of < known:
            closed = labelled(store.everything(record, as_of=known), office.source)
            closed = closed.drop_duplicates(KEY, keep="last")
            rows = _without(rows, closed[~may_read(closed, reader)])
        inside = _inside(rows, area=area, provinces=provinces, own=record.name != "incident")
        return inside[may_read(inside, reader)]

    rows = {record.name: open_rows(record, as_of=known) for record in _records()}
    # such a row has no label of its own, and names the file it stood in: it is held as its source is
    rows["rejected_row"] = rows["rejected_row"][rows["rejected_row"]["source"].isin(nameable)]
    rows["duplicate_decision"] = _of_these_pairs(rows["duplicate_decision"], rows["incident"])
    lines = store.read(record_type("risk_line"), as_of=known)
    rows["risk_measure"] = _of_these_lines(rows["risk_measure"], rows["risk_line"], known=lines)
    incident = record_type("incident")
    before = open_rows(incident, as_of=earlier) if earlier else rows["incident"].iloc[:0]
    past = states(store, incident, as_of=known, counted=counted, reader=reader, configured=office.source)
    first, last = (pd.Timestamp(day) for day in (week.back(WEEKS_OF_REVISIONS).first_day, week.last_day))
    past = _inside(past, area=area, provinces=provinces, own=False)
    past = past[past["occurred_on"].between(first, last)]
    rows["incident"], before, past = grouped(
        [rows["incident"], before, past], _standing_decisions(office, store, known)
    )
    tables = {name: readable(record_type(name), kept, reader, week=week) for name, kept in rows.items()}
    # enough to count and compare; no text of a past state comes along
    before = readable(incident, before, reader, week=week)
    tables["incident.before"] = before[[column for column in before if column in COUNTED]]
    tables["incident.revisions"] = told(incident, past, reader, week=week)
    known_on = known.astimezone(office.zone).date()
    return View(
        office=_office_seen(office, told=_told_of(office, nameable)),
        area=AreaSeen(
            area.slug,
            area.name,
            area.districts,
            area.contact_interval_days,
            counted,
            _contacts(area) if "liaison_entry" in _told_of(office, nameable) else (),
            area.not_covered,
        ),
        audience=AudienceSeen(
            reader.slug, reader.name, reader.marking, reader.free_text, reader.place_precision
        ),
        week=week,
        as_of=known,
        compared_with=earlier,
        on=min(week.last_day, known_on),
        week_is_over=known_on > week.last_day,
        tables=MappingProxyType(tables),
        sources=_sources(office, store, reader, known, rejected=tables["rejected_row"]),
        districts=outlines[["district", "district_name", "geometry"]].reset_index(drop=True),
        snapshots=snapshots(store, as_of=known, counted=counted),
    )


def hidden_values(store: Store, view: View) -> list[str]:
    """
    Return every text known at the view's as-of instant that the view does not hold, sorted.

    These are the gate's forbidden values: what people wrote (the kinds text and free_text, of all
    record types, areas and days), and the coordinates as decimal degrees. Words of closed vocabularies,
    the workbench's own names and its book of deliveries say nothing about anybody.
    """
    held: set[str] = set()
    for record in _records():
        rows = store.read(record, as_of=view.as_of)
        own = _OWN_NAMES.get(record.name, frozenset()) | {"source"}
        said = [c.name for c in record.columns if c.kind in {"text", "free_text"} and c.name not in own]
        held |= _texts(rows[[*said, *({"latitude", "longitude"} & set(rows.columns))]])
        past = _texts(store.everything(record, as_of=view.as_of)[said])
        # of what was said before and taken back, only what identifies: a state of "open" is no secret
        held |= {value for value in past if len(value) >= _TELLING and " " in value}
    return sorted(held - set(shown_values(view)))


def shown_values(view: View) -> list[str]:
    """
    Return every text the view holds, sorted: what its edition is allowed to say.

    The office's likelihood words are among them: a closed list, which every glossary prints.
    """
    shown = {*likelihood_words(view.office.likelihood_scale)}
    shown |= _texts(view.districts) | _texts(view.sources)
    for rows in view.tables.values():
        shown |= _texts(rows)
    said = (view.office, view.area, view.audience, *([view.office.risk] if view.office.risk else []))
    shown.update(value for part in said for value in vars(part).values() if isinstance(value, str))
    return sorted(shown)


def store_of(office: Office) -> Store:
    """Return the office's store; its lock lies beside it, or in the office if it is remote."""
    remote = "://" in office.store
    return Store(
        office.store if remote else str(office.path(office.store)),
        lock_folder=office.root if remote else office.path(office.store),
    )


def _cut_off(office: Office, store: Store, week: Week, as_of: datetime) -> datetime:
    today = office.now().astimezone(office.zone).date()
    if week.first_day > today:
        raise ParameterError(
            f"Week {week} has not begun: it starts on {week.first_day}. "
            f"The last complete week is {office.last_complete_week()}."
        )
    known = store.cut_off(as_of)
    if known is None:
        raise UserError(
            f"Nothing was known to the store on {_utc(as_of)}. Pull the sources first: workbench pull"
        )
    if known.astimezone(office.zone).date() < week.first_day:
        raise ParameterError(
            f"The last delivery known on {_utc(as_of)} is of {_utc(known)}, before week {week} began. "
            "Pull the sources, or ask for an earlier week."
        )
    return known


def _told_of(office: Office, nameable: Iterable[str]) -> frozenset[str]:
    """Return the record types of the sources a reader may name: rules about others are not theirs."""
    return frozenset(source.record for source in office.source if source.slug in set(nameable))


def _office_seen(office: Office, *, told: frozenset[str]) -> OfficeSeen:
    return OfficeSeen(
        name=office.name,
        prepared_by=office.prepared_by,
        standing_note=office.standing_note,
        fictional=office.fictional,
        likelihood_scale=office.likelihood_scale,
        time_zone=office.time_zone,
        boundaries=office.geography.attribution,
        risk=_risk(office) if "risk_line" in told else None,
    )


def _records() -> list[RecordType]:
    return [record_type(name) for name in record_names() if name not in _NOT_IN_VIEWS]


_WHENEVER = frozenset({"duplicate_decision", "rejected_row"})
"""Written down when the week is over, at the pull or after it, and yet about the rows of the week."""


def _rows(store: Store, record: RecordType, *, as_of: datetime, week: Week) -> pd.DataFrame:
    if record.name in _WHENEVER:
        return store.read(record, as_of=as_of)
    first = date(1900, 1, 1) if record.lasting else week.back(WEEKS_OF_HISTORY).first_day
    return store.read(record, as_of=as_of, window=(first, week.last_day))


def _standing_decisions(office: Office, store: Store, as_of: datetime) -> pd.DataFrame:
    """Return all decisions on duplicates: not all readers are shown them, and for all they hold."""
    sources = [source.slug for source in office.source]
    return store.read(record_type("duplicate_decision"), as_of=as_of, sources=sources)


def _of_these_pairs(decisions: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    """Keep the decisions of which both rows are among `incidents`: the others tell of what is held back."""
    present = pd.MultiIndex.from_frame(incidents[KEY])
    sides = [
        pd.MultiIndex.from_frame(decisions[[f"{side}_source", f"{side}_id"]]) for side in ("left", "right")
    ]
    return decisions[sides[0].isin(present) & sides[1].isin(present)]


def _of_these_lines(measures: pd.DataFrame, lines: pd.DataFrame, *, known: pd.DataFrame) -> pd.DataFrame:
    """Keep the measures against `lines`, and those whose line is not in `known`: a slip must not hide one."""
    elsewhere = set(known["record_id"]) - set(lines["record_id"])
    return measures[~measures["risk"].isin(elsewhere)]


def _contacts(area: Area) -> tuple[RequiredContactSeen, ...]:
    return tuple(
        RequiredContactSeen(one.organisation_kind, one.every_days, one.districts or area.districts)
        for one in area.required_contact
    )


def _risk(office: Office) -> RiskSeen | None:
    risk = office.risk
    if risk is None:
        return None
    return RiskSeen(
        likelihoods=risk.likelihoods,
        impacts=risk.impacts,
        levels=risk.levels,
        basis=risk.basis,
        table=MappingProxyType(dict(risk.table)),
        criticality=MappingProxyType({str(name): level for name, level in risk.criticality.items()}),
    )


def _inside(rows: pd.DataFrame, *, area: Area, provinces: frozenset[str], own: bool) -> pd.DataFrame:
    """
    Keep the rows of the area: by district, or by province where the district is not known.

    `provinces` are those whose unplaced rows a reader can tell from placed ones; others get none, or
    their totals would count incidents that no other edition of the week counts. The office's `own`
    records are in with no place at all: a name that matched no district must not make a contact vanish.
    """
    if "area" in rows:
        return rows[rows["area"] == area.slug]
    if "district" not in rows:
        return rows
    near = rows["admin1"].isin(provinces)
    if own and provinces:
        near |= rows["admin1"].isna()
    unplaced = rows["district"].isna() & near
    return rows[rows["district"].isin(area.districts) | unplaced]


def _without(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Leave out the records that are among `others`: what was closed since is closed in the past too."""
    return rows[~pd.MultiIndex.from_frame(rows[KEY]).isin(pd.MultiIndex.from_frame(others[KEY]))]


def _texts(rows: pd.DataFrame) -> set[str]:
    found: set[str] = set()
    for name in rows.columns:
        if str(rows[name].dtype) == "str" or name in {"latitude", "longitude"}:
            found.update(str(value) for value in rows[name].dropna().unique())
    return found


def _sources(
    office: Office, store: Store, audience: Audience, as_of: datetime, *, rejected: pd.DataFrame
) -> pd.DataFrame:
    """
    Return what the audience may know of each source it may name.

    How many rows were read, and how many lie in no district, is told to those only who read every row: from
    the difference to what they read, others could tell how much is withheld. `rejected` counts the rows
    among those of that name.
    """
    reads_all = audience.clearance == HIGHEST and set(COMPARTMENTS) <= set(audience.compartments)
    aside = rejected.drop_duplicates([c for c in ("source", "file", "row") if c in rejected])
    set_aside = aside["source"].value_counts() if "source" in aside else pd.Series(dtype="int64")
    deliveries = store.read(record_type("delivery"), as_of=as_of)
    latest = {row["source"]: row for row in deliveries.sort_values("recorded_at").to_dict("records")}
    furthest = deliveries.groupby("source")["last_dated"].max()
    rows = []
    for source in office.source:
        if not may_name(source, audience):
            continue
        last = latest.get(source.slug)
        rows.append(
            {
                "source": source.slug,
                "title": source.title,
                "record": source.record,
                "licence": source.licence,
                "attribution": source.attribution,
                "max_age_days": source.max_age_days,
                "delivered_at": None if last is None else last["recorded_at"],
                # additions may be corrections of old rows only: what came before them still stands
                "last_dated": None
                if last is None
                else (furthest[source.slug] if source.covers == "additions" else last["last_dated"]),
                "rejected": int(set_aside.get(source.slug, 0)),
                **{
                    name: int(last[name]) if last is not None and reads_all else None
                    for name in ("read", "unmatched")
                },
            }
        )
    frame = pd.DataFrame(
        rows,
        columns=[
            "source", "title", "record", "licence", "attribution", "max_age_days",
            "delivered_at", "last_dated", "read", "rejected", "unmatched",
        ],
    )  # fmt: skip
    return frame.astype({**SOURCE_TIMES, "read": "Int64", "rejected": "Int64", "unmatched": "Int64"})


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
