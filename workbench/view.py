"""The view: everything one notebook run may see, frozen, and saved as a folder of files.

A view is made once for an area, a week, an audience and an as-of instant. Its folder holds
`view.json` and Parquet files; the same rows give the same bytes, and `digest` names them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from workbench.audience import may_name, readable
from workbench.config import Area, Audience, Office, Week, find, load
from workbench.errors import ParameterError, StoreError, UserError
from workbench.language import Words, words
from workbench.records import DTYPES, RecordType, record_names, record_type
from workbench.sources.places import districts as office_districts
from workbench.store import Store

WEEKS_OF_HISTORY = 110
"""Two years and the weeks a baseline needs before the same week two years ago."""

VARIABLE = "WORKBENCH_VIEW"
"""The environment variable that names a saved view to the kernel of a scheduled run."""

_FORMAT = 1
_BEFORE = ("incident",)
_NOT_IN_VIEWS = frozenset({"delivery"})
_OWN_NAMES = frozenset({"source", "record", "area", "week", "column", "reason"})


@dataclass(frozen=True)
class AreaSeen:
    """The area a view is about: slug, name, target districts by p-code, contact interval in days."""

    slug: str
    name: str
    districts: tuple[str, ...]
    contact_interval_days: int
    counts_from: tuple[str, ...]


@dataclass(frozen=True)
class AudienceSeen:
    """The audience a view was made for."""

    slug: str
    name: str
    marking: str
    free_text: Literal["full", "releasable"]
    place_precision: Literal["exact", "district", "area"]


@dataclass(frozen=True)
class OfficeSeen:
    """What a page says about the office."""

    name: str
    prepared_by: str
    standing_note: str
    fictional: bool
    likelihood_scale: str
    time_zone: str
    boundaries: str


@dataclass(frozen=True)
class View:
    """
    What one audience may see of one area and week, as known at `as_of`.

    `on` is the day from which ages and overdue days are counted: the last day of the week, or the
    day of `as_of` if that is earlier. `compared_with` is the cut-off of the issue that this one is
    compared with, None if nothing was known then.
    """

    office: OfficeSeen
    area: AreaSeen
    audience: AudienceSeen
    week: Week
    as_of: datetime
    compared_with: datetime | None
    on: date
    week_is_over: bool
    tables: Mapping[str, pd.DataFrame]
    sources: pd.DataFrame
    districts: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of one record type's rows; columns the audience may not read are absent."""
        return self._copy(name)

    def before(self, name: str) -> pd.DataFrame:
        """Return a record type's rows as known at `compared_with` (up to the week before this one)."""
        return self._copy(f"{name}.before")

    def known(self, name: str) -> pd.DataFrame | None:
        """
        Return a record type's rows, or None if the audience may read none of its sources.

        The difference matters: entries that are withheld are not contacts that were missed.
        """
        return self.table(name) if self.sources["record"].eq(name).any() else None

    @property
    def counted(self) -> pd.DataFrame:
        """The incidents that counts come from: those of the area's `counts_from` sources."""
        rows = self.table("incident")
        return rows[rows["source"].isin(self.area.counts_from)].reset_index(drop=True)

    @property
    def counted_before(self) -> pd.DataFrame:
        """The same as known at `compared_with`."""
        rows = self.before("incident")
        return rows[rows["source"].isin(self.area.counts_from)].reset_index(drop=True)

    def _copy(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            raise ParameterError(f'The view holds no table "{name}". It holds: {", ".join(self.tables)}.')
        return self.tables[name].copy()


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
    provinces = frozenset(outlines["admin1"])

    def seen(record: RecordType, *, as_of: datetime, last: date) -> pd.DataFrame:
        rows = _rows(store, record, as_of=as_of, first=_first_day(week), last=last)
        return readable(record, _inside(rows, area=area, provinces=provinces), reader, week=week)

    records = [record_type(name) for name in record_names() if name not in _NOT_IN_VIEWS]
    tables = {record.name: seen(record, as_of=known, last=week.last_day) for record in records}
    for name in _BEFORE:
        tables[f"{name}.before"] = (
            seen(record_type(name), as_of=earlier, last=week.back(1).last_day)
            if earlier
            else tables[name].iloc[:0]
        )
    known_on = known.astimezone(office.zone).date()
    return View(
        office=_office_seen(office),
        area=AreaSeen(area.slug, area.name, area.districts, area.contact_interval_days, area.counts_from),
        audience=AudienceSeen(
            reader.slug, reader.name, reader.marking, reader.free_text, reader.place_precision
        ),
        week=week,
        as_of=known,
        compared_with=earlier,
        on=min(week.last_day, known_on),
        week_is_over=known_on > week.last_day,
        tables=MappingProxyType(tables),
        sources=_sources(office, store, reader, known),
        districts=outlines[["district", "district_name", "geometry"]].reset_index(drop=True),
    )


def hidden_values(store: Store, view: View) -> list[str]:
    """
    Return every text the store holds for the view's time that the view does not hold, sorted.

    These are the gate's forbidden values: what people wrote (the kinds text and free_text, of all
    record types and areas), and the coordinates as decimal degrees. Words of closed vocabularies and
    the workbench's own names say nothing about anybody.
    """
    held: set[str] = set()
    for name in record_names():
        record = record_type(name)
        rows = _rows(store, record, as_of=view.as_of, first=_first_day(view.week), last=view.week.last_day)
        said = [
            c.name for c in record.columns if c.kind in {"text", "free_text"} and c.name not in _OWN_NAMES
        ]
        held |= _texts(rows[[*said, *({"latitude", "longitude"} & set(rows.columns))]])
    return sorted(held - set(shown_values(view)))


def shown_values(view: View) -> list[str]:
    """Return every text the view holds, sorted: what its edition is allowed to say."""
    shown = _texts(view.districts) | _texts(view.sources)
    for rows in view.tables.values():
        shown |= _texts(rows)
    said = (view.office, view.area, view.audience)
    shown.update(value for part in said for value in vars(part).values() if isinstance(value, str))
    return sorted(shown)


def save(view: View, folder: Path) -> str:
    """Write the view into the empty `folder` and return its digest (SHA-256, hex)."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    for name, frame in _frames(view).items():
        content = _parquet(frame)
        (folder / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    head = _head(view) | {"files": digests}
    content = (json.dumps(head, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    (folder / "view.json").write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def read(folder: Path) -> View:
    """Return the view saved in `folder`; raises StoreError if a file is missing or was altered."""
    try:
        head = json.loads((folder / "view.json").read_text(encoding="utf-8"))
        frames = {}
        for name, digest in head["files"].items():
            content = (folder / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                raise StoreError(f"{name} of the view was altered after it was saved. Make the view again.")
            frames[name] = pq.read_table(BytesIO(content)).to_pandas()
    except (OSError, ValueError, KeyError) as problem:
        raise StoreError(f"The folder given is not a saved view ({type(problem).__name__}).") from None
    if head["format"] != _FORMAT:
        raise StoreError("The view was saved by another version of the workbench. Make it again.")
    districts = frames.pop("districts.parquet")
    districts["geometry"] = shapely.from_wkb(districts["geometry"])
    sources = frames.pop("sources.parquet")
    tables = {}
    for name, frame in frames.items():
        stem = name.removesuffix(".parquet")
        record = record_type(stem.removesuffix(".before"))
        tables[stem] = frame.astype({c: DTYPES[record.column(c).kind] for c in frame.columns})
    return View(
        office=OfficeSeen(**head["office"]),
        area=AreaSeen(
            **head["area"] | {name: tuple(head["area"][name]) for name in ("districts", "counts_from")}
        ),
        audience=AudienceSeen(**head["audience"]),
        week=Week(date.fromisoformat(head["first_day"]), head["week_starts"]),
        as_of=datetime.fromisoformat(head["as_of"]),
        compared_with=datetime.fromisoformat(head["compared_with"]) if head["compared_with"] else None,
        on=date.fromisoformat(head["on"]),
        week_is_over=head["week_is_over"],
        tables=MappingProxyType(tables),
        sources=sources,
        districts=districts,
    )


@dataclass(frozen=True)
class Edition:
    """What one notebook run makes: a view, and the words its page is written in."""

    view: View
    words: Words


def open_view(*, area: str, week: str, audience: str, as_of: str, language: str) -> Edition:
    """
    Return the view a notebook works on, and the words of its page.

    In a scheduled run it is the saved view that the run was given, which must be the one the
    parameters name. By hand it is made from the office whose folder the notebook lies in; there
    `""` stands for the office's first area, its last complete week, its narrowest audience, the
    present and its first language.
    """
    given = os.environ.get(VARIABLE)
    if given:
        view = read(Path(given))
        asked = (area, week, audience, as_of)
        held = (view.area.slug, view.week.slug, view.audience.slug, view.as_of.isoformat())
        if asked != held:
            raise ParameterError("The parameters are not those of the view this run was given.")
        return Edition(view, words(language))
    office = load(find(Path.cwd()))
    request = Request(
        area=area or office.area[0].slug,
        week=week or office.last_complete_week().slug,
        audience=audience or narrowest(office).slug,
        as_of=instant(as_of) if as_of else office.now(),
    )
    view = make(office, store_of(office), request)
    return Edition(view, words(language or office.languages[0]))


def store_of(office: Office) -> Store:
    """Return the office's store; its lock lies beside it, or in the office if it is remote."""
    remote = "://" in office.store
    return Store(
        office.store if remote else str(office.path(office.store)),
        lock_folder=office.root if remote else office.path(office.store),
    )


def narrowest(office: Office) -> Audience:
    """Return the audience that reads least: lowest level, then fewest compartments."""
    return min(office.audience, key=lambda one: (one.clearance, len(one.compartments), one.slug))


def instant(text: str) -> datetime:
    """Return an instant written as ISO 8601 with a zone; raises ParameterError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ParameterError(
            f'as_of "{text}" is not an instant with a zone. Write it as 2026-11-16T06:00:00Z.'
        )
    return moment.astimezone(UTC)


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


def _office_seen(office: Office) -> OfficeSeen:
    return OfficeSeen(
        name=office.name,
        prepared_by=office.prepared_by,
        standing_note=office.standing_note,
        fictional=office.fictional,
        likelihood_scale=office.likelihood_scale,
        time_zone=office.time_zone,
        boundaries=office.geography.attribution,
    )


def _first_day(week: Week) -> date:
    return week.back(WEEKS_OF_HISTORY).first_day


def _rows(store: Store, record: RecordType, *, as_of: datetime, first: date, last: date) -> pd.DataFrame:
    window = (date(1900, 1, 1) if record.lasting else first, last)
    return store.read(record, as_of=as_of, window=window)


def _inside(rows: pd.DataFrame, *, area: Area, provinces: frozenset[str]) -> pd.DataFrame:
    """Keep the rows of the area: by district, or by province where the district is not known."""
    if "area" in rows:
        return rows[rows["area"] == area.slug]
    if "district" not in rows:
        return rows
    unplaced = rows["district"].isna() & rows["admin1"].isin(provinces)
    return rows[rows["district"].isin(area.districts) | unplaced]


def _texts(rows: pd.DataFrame) -> set[str]:
    found: set[str] = set()
    for name in rows.columns:
        if str(rows[name].dtype) == "str" or name in {"latitude", "longitude"}:
            found.update(str(value) for value in rows[name].dropna().unique())
    return found


def _sources(office: Office, store: Store, audience: Audience, as_of: datetime) -> pd.DataFrame:
    deliveries = store.read(record_type("delivery"), as_of=as_of)
    latest = {row["source"]: row for row in deliveries.sort_values("recorded_at").to_dict("records")}
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
                "last_dated": None if last is None else last["last_dated"],
                **{
                    name: 0 if last is None else int(last[name]) for name in ("read", "rejected", "unmatched")
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
    return frame.astype({"delivered_at": "datetime64[us, UTC]", "last_dated": "datetime64[s]"})


def _frames(view: View) -> dict[str, pd.DataFrame]:
    districts = view.districts.assign(geometry=shapely.to_wkb(view.districts["geometry"].to_numpy()))
    return {
        **{f"{name}.parquet": frame for name, frame in view.tables.items()},
        "districts.parquet": districts,
        "sources.parquet": view.sources,
    }


def _parquet(frame: pd.DataFrame) -> bytes:
    written = BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), written, compression="zstd")
    return written.getvalue()


def _head(view: View) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "office": vars(view.office),
        "area": vars(view.area) | {"districts": list(view.area.districts)},
        "audience": vars(view.audience),
        "week": view.week.slug,
        "first_day": view.week.first_day.isoformat(),
        "week_starts": view.week.starts,
        "as_of": view.as_of.isoformat(),
        "compared_with": view.compared_with.isoformat() if view.compared_with else None,
        "on": view.on.isoformat(),
        "week_is_over": view.week_is_over,
    }


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
