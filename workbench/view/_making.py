"""Making a view: from the store to what one audience may see of one area and week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pandas as pd

from workbench.audience import COUNTED, Policy, may_read, policy, readable
from workbench.config import Area, Audience, Office, Week
from workbench.errors import ParameterError, UserError
from workbench.keys import keys_of
from workbench.records import RecordType, record_type
from workbench.sources.places import districts as office_districts
from workbench.store import Store
from workbench.view._codes import coded, in_order, regrouped, renumbered, without_dangling
from workbench.view._counts import counts
from workbench.view._groups import grouped
from workbench.view._known import (
    deliveries,
    end_of_second,
    last_delivery,
    nameable,
    snapshots,
    whole_second,
)
from workbench.view._labels import Labels
from workbench.view._revisions import WEEKS_OF_REVISIONS, standing, told
from workbench.view._seen import AreaSeen, AudienceSeen, OfficeSeen, RequiredContactSeen, RiskSeen, View
from workbench.view._selection import (
    inside,
    of_these_lines,
    of_these_pairs,
    record_types,
    standing_decisions,
    window,
    within,
)
from workbench.view._sources import shown, sources
from workbench.view._standing import Kept, Standing

_INCIDENTS = ("incident", "incident.before", "incident.revisions")


@dataclass(frozen=True)
class Request:
    """
    What a view is asked for. `week` is a slug such as `2026-W46`.

    `compared_with` is the cut-off of the last issue; None means the last delivery a week or more
    before this one's. `published` are tables of counts that readers may hold already: of earlier issues
    of the same audience, and of other editions (`read_counts_csv`); for audiences given counts.
    """

    area: str
    week: str
    audience: str
    as_of: datetime
    compared_with: datetime | None = None
    published: tuple[pd.DataFrame, ...] = ()


def make(  # noqa: PLR0915  # one path, in its order
    office: Office, store: Store, request: Request, *, memory: Kept | None = None
) -> View:
    """
    Return the view of one area, week and audience, as known at `request.as_of`.

    It holds nothing that derives from what its audience may not read. `as_of` is moved back to the last
    delivery of a source that the audience may name, and to the whole second; `compared_with` likewise.
    Between two such deliveries nothing more was known to it, so every instant between them gives the
    same view, and so does the `as_of` that a page prints.

    The content is that known at `as_of`; the labels are those known then, or those that hold now where they
    are stricter. A past issue made again is the same, byte for byte, unless something in it was closed since:
    a row that was raised, whose act was taken back, or that was written anew after the act that lowered it,
    is closed from then on for every `as_of`, also where its readers may not know of the delivery that did so.
    Lowering works the other way: an act opens a row from its own delivery on, and for no `as_of` before it.

    Ids and references are pseudonyms of this audience
    for all but those who read everything; positions and groups are numbered, and rows sorted, by what is
    there to be read. A risk measure is read only with its line, whose label it inherits. Two things are open
    by design: that rows were found to be one incident, to all who read both; and that a row was closed, or
    was written anew after an act had lowered it, to those who had read it: it is gone.
    With `memory`, what does not depend on the week is taken from there; the view is the same.
    Raises UnknownName, ParameterError (a week that has not begun, an `as_of` before the week),
    UserError (an `as_of` before the first delivery).
    """
    area, reader = office.area_called(request.area), office.audience_called(request.audience)
    rules = policy(office, reader)
    week = office.week(request.week)
    delivered = deliveries(office, store, reader, as_of=request.as_of)
    known = _cut_off(office, delivered, week, request.as_of)
    told_at = whole_second(known)
    asked = request.compared_with or told_at - timedelta(days=7)
    earlier = last_delivery(delivered, as_of=min(asked, told_at))
    delivered = delivered[delivered["recorded_at"] <= known]
    outlines = memory.outlines(office) if memory else office_districts(office)
    outlines = outlines[outlines["district"].isin(area.districts)].sort_values("district")
    provinces = frozenset(outlines["admin1"] if reader.place_precision != "area" else ())
    named = nameable(office, reader)
    slugs = [source.slug for source in named]
    counted = tuple(slug for slug in area.counts_from if slug in slugs)

    incident = record_type("incident")
    read = memory.standing if memory else Standing.at
    then = read(office, store, rules, known=known, named=named)
    history = then.history
    rows: dict[str, pd.DataFrame] = {}
    for record in record_types():
        if record is incident:
            found = store.read(record, as_of=known, window=window(record, week))
            if len(found):
                found = then.labels.of(record, found, newest=then.newest)
                found = found[may_read(found, reader)]
        else:
            found = then.rows[record.name]
        if len(found):
            found = inside(
                within(record, found, week), area=area, provinces=provinces, own=record is not incident
            )
        rows[record.name] = found
    # such a row has no label of its own, and names the file it stood in: it is held as its source is
    rows["rejected_row"] = rows["rejected_row"][rows["rejected_row"]["source"].isin(slugs)]
    rows["duplicate_decision"] = of_these_pairs(rows["duplicate_decision"], rows["incident"])
    rows["risk_measure"] = _with_lines(rows, store, reader, then.labels, known=known)

    history = inside(history, area=area, provinces=provinces, own=False)
    before = within(incident, standing(history, at=earlier), week) if earlier else history.iloc[:0]
    past = history[history["source"].isin(counted)]
    first, last = (pd.Timestamp(day) for day in (week.back(WEEKS_OF_REVISIONS).first_day, week.last_day))
    past = past[past["occurred_on"].between(first, last)]
    rows["incident"], before, past = grouped(
        [rows["incident"], before, past], standing_decisions(office, store, end_of_second(known))
    )
    own_ids = frozenset(
        str(one) for part in (*rows.values(), before, past) for one in part["record_id"].tolist()
    )
    tables = {name: _shown(kept, rules, week, record_type(name), own_ids) for name, kept in rows.items()}
    # enough to count and compare; no text of a past state comes along
    before = readable(incident, before, rules, week=week)
    tables["incident.before"] = before[[column for column in before if column in COUNTED]]
    tables["incident.revisions"] = told(incident, past, rules, week=week)
    tables = regrouped(coded(tables, rules, keys_of(office)), _INCIDENTS)
    in_their_order = {
        name: in_order(record_type(name.partition(".")[0]), kept) for name, kept in tables.items()
    }
    if reader.count_threshold > 1:
        in_their_order["count"] = _counted(
            office,
            rows["incident"],
            rules,
            area=area,
            week=week,
            counted=counted,
            until=_last_day(office, delivered, counted),
            published=request.published,
        )
    known_on = told_at.astimezone(office.zone).date()
    of_sources = shown(named, last_dated=then.last_dated)
    return View(
        office=_office_seen(office, told={source.record for source in of_sources}),
        area=_area_seen(area, counted, told={source.record for source in of_sources}),
        audience=_audience_seen(reader),
        week=week,
        as_of=told_at,
        compared_with=whole_second(earlier) if earlier else None,
        on=min(week.last_day, known_on),
        week_is_over=known_on > week.last_day,
        tables=MappingProxyType(in_their_order),
        sources=sources(
            of_sources,
            deliveries=delivered,
            last_dated=then.last_dated,
            rejected=rows["rejected_row"],
            rules=rules,
        ),
        districts=outlines[["district", "district_name", "geometry"]].reset_index(drop=True),
        snapshots=snapshots(delivered, as_of=known, counted=counted),
        own_ids=own_ids,
    )


def store_of(office: Office) -> Store:
    """Return the office's store; its lock lies beside it, or in the office if it is remote."""
    if office.store_is_remote:
        return Store(office.store, lock_folder=office.root, storage_options=office.store_options)
    return Store(str(office.path(office.store)), lock_folder=office.path(office.store))


def _with_lines(
    rows: dict[str, pd.DataFrame], store: Store, reader: Audience, labels: Labels, *, known: datetime
) -> pd.DataFrame:
    """Return the measures of `rows` whose risk line the reader may read."""
    line = record_type("risk_line")
    gone = labels.newest(line)
    gone = gone.assign(open=may_read(labels.of(line, gone, newest=gone), reader) if len(gone) else True)
    standing_lines = store.read(line, as_of=known)
    return of_these_lines(rows["risk_measure"], rows["risk_line"], known=standing_lines, gone=gone)


def _shown(
    rows: pd.DataFrame, rules: Policy, week: Week, record: RecordType, held: frozenset[str]
) -> pd.DataFrame:
    """Return what the audience reads of the rows, with nothing in it that tells of others."""
    if rows.empty:
        return rows[[name for name in rules.columns(record.name) if name in rows]]
    seen = readable(record, rows, rules, week=week)
    if rules.reads_everything:
        return seen
    return without_dangling(record, renumbered(seen), held=held)


def _counted(  # noqa: PLR0913  (the office and its rows, the place, the week and what was said before)
    office: Office, rows: pd.DataFrame, rules: Policy, *, area: Area, week: Week, counted: tuple[str, ...],
    until: date | None, published: tuple[pd.DataFrame, ...],
) -> pd.DataFrame:  # fmt: skip
    """Return the counts of readers who are given no rows, of what they could read without a threshold."""
    record, reader = record_type("incident"), rules.audience
    rows = rows[may_read(rows, reader)]
    without = policy(office, reader.model_copy(update={"count_threshold": 1}))
    seen = readable(record, rows, without, week=week)
    # the order within a source; it does not leave this room
    seen = seen.assign(source=rows["source"].array, record_id=rows["record_id"].array)
    return counts(
        seen, area=area, counts_from=counted, week=week, until=until,
        threshold=reader.count_threshold, published=published,
    )  # fmt: skip


def _last_day(office: Office, delivered: pd.DataFrame, counted: tuple[str, ...]) -> date | None:
    """Return the day of the last delivery of the counted sources, None if there was none."""
    last = delivered.loc[delivered["source"].isin(counted), "recorded_at"].max()
    return None if pd.isna(last) else last.astimezone(office.zone).date()


def _cut_off(office: Office, delivered: pd.DataFrame, week: Week, as_of: datetime) -> datetime:
    today = office.now().astimezone(office.zone).date()
    if week.first_day > today:
        raise ParameterError(
            f"Week {week} has not begun: it starts on {week.first_day}. "
            f"The last complete week is {office.last_complete_week()}."
        )
    known = last_delivery(delivered, as_of=as_of)
    if known is None:
        raise UserError(
            f"No source that these readers may know of had delivered by {_utc(as_of)}. "
            "Pull the sources first: workbench pull"
        )
    if known.astimezone(office.zone).date() < week.first_day:
        raise ParameterError(
            f"The last delivery known to these readers on {_utc(as_of)} is of {_utc(known)}, before week "
            f"{week} began. Pull the sources, or ask for an earlier week."
        )
    return known


def _office_seen(office: Office, *, told: Iterable[str]) -> OfficeSeen:
    """Return what pages say of the office; rules about record types not in `told` are left out."""
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


def _area_seen(area: Area, counted: tuple[str, ...], *, told: Iterable[str]) -> AreaSeen:
    contacts = tuple(
        RequiredContactSeen(one.organisation_kind, one.every_days, one.districts or area.districts)
        for one in area.required_contact
    )
    return AreaSeen(
        area.slug,
        area.name,
        area.districts,
        area.contact_interval_days,
        counted,
        contacts if "liaison_entry" in told else (),
        area.not_covered,
    )


def _audience_seen(reader: Audience) -> AudienceSeen:
    return AudienceSeen(
        reader.slug,
        reader.name,
        reader.marking,
        reader.free_text,
        reader.place_precision,
        reader.count_threshold,
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


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
