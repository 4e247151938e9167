"""What of the page stays as it is: its head, the outlines of the map, the weeks, the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from workbench.charts import _house as house
from workbench.charts._outlines import project
from workbench.charts.maps import layout
from workbench.config import Week
from workbench.desk.explore import Rows, text_of
from workbench.view import WEEKS_OF_HISTORY, Edition, View

LABELS = {
    "event_type": "Type", "actor": "Actor", "district": "District", "source": "Source",
    "source_grade": "Grade", "verification": "Verification",
}  # fmt: skip
_WIDEST_NUMBER = "000"
_POINTS = frozenset({"place", "near_place"})


@dataclass(frozen=True)
class Shown:
    """A column of the table of rows: the columns of the view it is made from, its heading, its side."""

    name: str
    label: str
    of: tuple[str, ...]
    right: bool = False


_COLUMNS = (
    Shown("occurred_on", "Day", ("occurred_on",)),
    Shown("event_type", "Type", ("event_type",)),
    Shown("district", "District", ("district_name", "place_name")),
    Shown("actor1", "Actors", ("actor1", "actor2")),
    Shown("killed_best", "Killed", ("killed_best",), right=True),
    Shown("source", "Source", ("source",)),
    Shown("source_grade", "Grade", ("source_grade",)),
    Shown("verification", "Verified", ("verification",)),
    Shown("text", "What", ("headline", "releasable_text")),
    Shown("record_id", "Record", ("record_id",)),
)


def columns_of(rows: Rows) -> tuple[Shown, ...]:
    """Return the columns of the table that these readers are given something for."""
    return tuple(one for one in _COLUMNS if set(one.of) & set(rows.frame.columns))


def fixed(edition: Edition, rows: Rows, *, name: str) -> dict[str, Any]:
    """Return all of the page that no filter changes, as the browser takes it; `name` is unlike any other."""
    view, words = edition.view, edition.words
    first = view.week.back(WEEKS_OF_HISTORY - 1).first_day
    return {
        "id": name,
        "head": {
            "marking": view.audience.marking,
            "edition": words.say("{audience} edition", audience=view.audience.name),
            "area": view.area.name,
            "days": f"up to week {view.week}, as known on {_instant(view.as_of)}",
            "fiction": words.say("SAMPLE DATA: places, people and events are fictional")
            if view.office.fictional
            else "",
        },
        "facets": [{"name": one, "label": LABELS[one]} for one in rows.facets],
        "has_days": rows.has_days,
        "window": [first.isoformat(), view.week.last_day.isoformat()],
        "searched": _searched(rows),
        "map": _map(view) if "district" in rows.frame else None,
        "no_map": "These readers are not given districts, so there is no map.",
        "weeks": [_week(view.week.back(back)) for back in reversed(range(WEEKS_OF_HISTORY))]
        if rows.has_weeks
        else [],
        "columns": [{"name": one.name, "label": one.label, "right": one.right} for one in columns_of(rows)],
        "moments": [_instant(one) for one in moments(view)],
    }


def moments(view: View) -> tuple[datetime, ...]:
    """Return the instants that the page can go back to, oldest first; the last is the view's own."""
    return (*(one for one in view.snapshots if one < view.as_of), view.as_of)


def labels_of(facet: str, view: View) -> dict[str, str]:
    """Return how values of a facet are written: names of districts, titles of sources."""
    if facet == "district":
        return dict(zip(view.districts["district"], view.districts["district_name"], strict=True))
    if facet == "source":
        return dict(zip(view.sources["source"], view.sources["title"], strict=True))
    return {}


def label_of(facet: str, value: str, names: dict[str, str]) -> str:
    """Return how one value of a facet is written; "" is what is not given."""
    if not value:
        return "(not given)"
    if facet in {"event_type", "verification"}:
        return value.replace("_", " ")
    return str(names.get(value, value))


def points_of(view: View, rows: Rows) -> pd.DataFrame:
    """
    Return where rows lie on the map, in its pixels: `x`, `y`, by position.

    Those known to a place or near one, for readers who are given coordinates; no others: the middle of a
    district is not where something happened.
    """
    frame = rows.frame
    if not {"latitude", "longitude", "place_precision", "district"} <= set(frame.columns):
        return pd.DataFrame({"x": [], "y": []})
    exact = frame[frame["place_precision"].isin(_POINTS)]
    exact = exact.dropna(subset=["latitude", "longitude"])
    placed = _placed(view)
    if placed is None or exact.empty:
        return pd.DataFrame({"x": [], "y": []})
    flat = project(list(view.districts["geometry"]))
    left, top, right, bottom = shapely.total_bounds([one for one in flat if not one.is_empty])
    known = [one for one in placed.outlines if not one.is_empty]
    x0, y0, x1, y1 = shapely.total_bounds(known)
    _, south, _, north = shapely.total_bounds([one for one in view.districts["geometry"] if one is not None])
    narrow = np.cos(np.radians((south + north) / 2))
    x = (exact["longitude"].astype("float64") * narrow - left) / (right - left) * (x1 - x0) + x0
    y = (-exact["latitude"].astype("float64") - top) / (bottom - top) * (y1 - y0) + y0
    found = pd.DataFrame({"x": x.round(1), "y": y.round(1)})
    inside = found["x"].between(0, placed.canvas.width) & found["y"].between(0, placed.canvas.height)
    return found[inside]


def _placed(view: View) -> Any:
    names = view.districts["district_name"].astype("str").tolist()
    numbers = [_WIDEST_NUMBER] * len(names)
    return layout(list(view.districts["geometry"]), names, numbers, width="half")


def _map(view: View) -> dict[str, Any] | None:
    placed = _placed(view)
    if placed is None:
        return None
    labels = {one.place: one for one in placed.labels}
    drawn = []
    for place, (code, name) in enumerate(
        zip(view.districts["district"], view.districts["district_name"], strict=True)
    ):
        label = labels.get(place)
        lines = [] if label is None else [
            {
                "text": "" if line.text == _WIDEST_NUMBER else line.text,
                "number": line.text == _WIDEST_NUMBER,
                "x": round(line.x + house.text_width(line.text, line.size, bold=line.bold) / 2, 1),
                "y": round(line.y, 1),
                "size": line.size,
            }
            for line in label.lines
        ]  # fmt: skip
        leader = None
        if label is not None and label.leader is not None:
            (x1, y1), (x2, y2) = label.leader
            leader = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        outside = label is not None and label.how == "outside"
        drawn.append(
            {"code": code, "name": name, "path": _path(placed.outlines[place]), "lines": lines,
             "leader": leader, "outside": outside}
        )  # fmt: skip
    return {"width": placed.canvas.width, "height": placed.canvas.height, "districts": drawn}


def _path(outline: BaseGeometry) -> str:
    rings: list[Sequence[Any]] = []
    for part in shapely.get_parts(outline):
        rings += [part.exterior.coords, *(one.coords for one in part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring[:-1]) + "Z" for ring in rings)


def _week(week: Week) -> dict[str, str]:
    first, last = week.first_day, week.last_day
    begins = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    name = f"W{week.number}"
    return {"day": first.isoformat(), "name": name, "told": f"{name} · {begins}–{last.day} {last:%b %Y}"}


def _searched(rows: Rows) -> str:
    names = [one.replace("_", " ") for one in rows.searched if one not in {"created_by", "external_ids"}]
    return (
        f"in {', '.join(names)}"
        if len(names) <= 4
        else f"in {', '.join(names[:3])} and {len(names) - 3} more"
    )


def _instant(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y %H:%M} UTC"


def cell_of(column: Shown, row: Mapping[Any, Any]) -> str:
    """Return what stands in one cell of the table of rows."""
    given = [text_of(row[name]) for name in column.of if name in row]
    if column.name == "actor1":
        return " – ".join(one for one in given if one)
    if column.name == "district":
        return ", ".join(one for one in given if one)
    if column.name in {"event_type", "verification", "source"}:
        return given[0].replace("_", " ")
    return next((one for one in given if one), "")
