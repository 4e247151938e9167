"""The map of districts: names and numbers inside, states told apart without colour, no basemap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Map, Table, TableColumn, Width, specification
from workbench.charts._labels import Label, moved
from workbench.charts._leaders import cost, place
from workbench.charts._outlines import Canvas, feature, fit, hatching, project, ratio, tidied
from workbench.errors import ParameterError
from workbench.language import Words

HIGHEST: dict[Width, int] = {"half": 400, "full": 460}
"""The greatest height of a map, in pixels."""

_TRIES = tuple((scale, side) for scale in (1.0, 0.88, 0.78) for side in (0.5, 0.0, 1.0))
"""Scale and side of the map on its canvas; the first is the best if all labels find room inside."""

_SMALLER = 400.0
"""What drawing the map smaller costs, in pixels of leader line saved for each tenth: 40."""

_MOST_NAMED = 6
"""Longer lists of quiet districts are counted in the alternative text; the table names them."""

NO_REPORT, NO_COVERAGE, WITHHELD = "–", "?", "*"
"""What stands in a district in place of a number; the dash also where none is known."""


@dataclass(frozen=True)
class Drawn:
    """A map laid out: outlines in pixels of `canvas`, and a label for each."""

    canvas: Canvas
    outlines: list[BaseGeometry]
    labels: list[Label]


def district_map(
    districts: pd.DataFrame,
    *,
    values: pd.DataFrame,
    words: Words,
    note: str = "",
    title: str | None = None,
    width: Width = "half",
) -> Map:
    """
    Return the map of the week's incidents by district.

    `districts` has `district`, `district_name`, `geometry` (shapely, degrees). `values` has
    `district`, `incidents` (whole numbers; <NA> is a count withheld from this reader) and `state`
    (`coverage.STATES`). Darker is more. No report is white, hatched, with a dash; none known is white
    with a dash; no coverage is cross-hatched with a question mark; no incident is the lightest fill
    with a 0. A label that does
    not fit into its district stands outside with a line to it; a name for which there is no room is
    listed in the note, and so is a district without outline. `note` closes the note: the source.
    `title` is the usual one unless given; "" under a heading that says it.
    Raises ParameterError if no district has an outline.
    """
    rows = _rows(districts, values, words)
    drawn = layout(list(districts["geometry"]), rows["name"].tolist(), rows["shown"].tolist(), width=width)
    if drawn is None:
        raise ParameterError(
            "No district has an outline to draw. "
            "Check the boundaries file in [geography] with: workbench check"
        )
    spec = _chart(drawn, rows).to_dict(validate=False)
    return Map(
        title=words.say("Incidents this week by district") if title is None else title,
        alt=_alt(rows, words),
        note=_note(rows, drawn, words, note),
        data=_table(rows, words),
        width=width,
        spec=specification(spec, width=width),
    )


def layout(
    outlines: Sequence[BaseGeometry | None], names: Sequence[str], numbers: Sequence[str], *, width: Width
) -> Drawn | None:
    """Return outlines and labels as they are drawn, or None if there is no outline at all."""
    flat = project(outlines)
    if all(one.is_empty for one in flat):
        return None
    wide = house.WIDTHS[width]
    canvas = Canvas(wide, min(HIGHEST[width], round(wide * ratio(flat)) + 4))
    best, least = None, (len(names) + 1, 0.0)
    for scale, side in _TRIES:
        placed = fit(flat, canvas, scale=scale, side=side)
        labels = place(placed, names, numbers, canvas)
        missing, leaders = cost(labels)
        price = (missing, leaders + (1 - scale) * _SMALLER)
        if price < least:
            best, least = Drawn(canvas, placed, labels), price
        if not any(price):
            break
    return _cropped(best) if best else None


def _cropped(drawn: Drawn) -> Drawn:
    """Return a map without the empty strips above and below it."""
    boxes = [label.box for label in drawn.labels if label.box is not None]
    edges = [one.bounds for one in drawn.outlines if not one.is_empty] + boxes
    top = math.floor(min(edge[1] for edge in edges)) - 2
    bottom = math.ceil(max(edge[3] for edge in edges)) + 2
    labels = []
    for label in drawn.labels:
        ends = label.leader and tuple((x, round(y - top, 1)) for x, y in label.leader)
        leader = (ends[0], ends[1]) if ends else None
        labels.append(replace(label, lines=moved(label.lines, 0.0, -top), leader=leader))
    outlines = [tidied(shapely.affinity.translate(one, yoff=-top)) for one in drawn.outlines]
    return Drawn(Canvas(drawn.canvas.width, bottom - top), outlines, labels)


def _rows(districts: pd.DataFrame, values: pd.DataFrame, words: Words) -> pd.DataFrame:
    known = values.set_index("district").reindex(districts["district"])
    count = known["incidents"].astype("Int64")
    state = known["state"].fillna("no_coverage").astype("str")
    most = count.max()
    shades = house.shades(count.fillna(1), 0 if pd.isna(most) else int(most))
    fill = [
        house.WHITE if one in {"no_report", "none_known", "no_coverage"} else shade
        for one, shade in zip(state, shades, strict=True)
    ]
    shown = [
        {"no_report": NO_REPORT, "none_known": NO_REPORT, "no_coverage": NO_COVERAGE}.get(
            one, WITHHELD if pd.isna(n) else words.number(int(n))
        )
        for one, n in zip(state, count, strict=True)
    ]
    return pd.DataFrame(
        {
            "name": districts["district_name"].astype("str").tolist(),
            "incidents": count.to_numpy(),
            "state": state.tolist(),
            "shown": shown,
            "fill": fill,
            "ink": [house.text_on(one) for one in fill],
        }
    )


def _chart(drawn: Drawn, rows: pd.DataFrame) -> Any:
    import altair as alt

    shape: dict[str, Any] = {"type": "identity", "scale": 1, "translate": [0, 0]}
    free = shapely.union_all([_blank(label) for label in drawn.labels])
    areas, lines = [], []
    for outline, fill, state in zip(drawn.outlines, rows["fill"], rows["state"], strict=True):
        if outline.is_empty:
            continue
        areas.append(feature(outline, fill=fill))
        if state in {"no_report", "no_coverage"}:
            crossed = state == "no_coverage"
            lines.append(feature(hatching(outline, crossed=crossed, free=free)))
    layers = [
        alt.Chart(alt.InlineData(values=areas))
        .mark_geoshape(stroke=house.BORDER, strokeWidth=0.9, strokeJoin="round")
        .encode(fill=alt.Fill("properties.fill:N", scale=None))
        .project(**shape)
    ]
    if lines:
        layers.append(
            alt.Chart(alt.InlineData(values=lines))
            .mark_geoshape(filled=False, stroke=house.HATCH, strokeWidth=0.6)
            .project(**shape)
        )
    layers += _leaders(drawn) + _texts(drawn, rows)
    canvas = {"width": drawn.canvas.width, "height": drawn.canvas.height}
    return alt.layer(*layers).properties(**canvas, padding=0, autosize="none")


def _blank(label: Label) -> BaseGeometry:
    return shapely.buffer(shapely.box(*label.box), 2.0) if label.box is not None else shapely.Polygon()


def _leaders(drawn: Drawn) -> list[Any]:
    import altair as alt

    leaders = [label.leader for label in drawn.labels if label.leader is not None]
    if not leaders:
        return []
    ends = [{"x": a[0], "y": a[1], "x2": b[0], "y2": b[1]} for a, b in leaders]
    chart = alt.Chart(alt.InlineData(values=ends)).encode(
        x=alt.X("x:Q", scale=None, axis=None), y=alt.Y("y:Q", scale=None, axis=None)
    )
    line = chart.encode(x2="x2:Q", y2="y2:Q")
    return [
        line.mark_rule(color=house.WHITE, strokeWidth=2.4),  # a light edge, seen on a dark fill
        line.mark_rule(color=house.INK, strokeWidth=0.8),
        chart.mark_point(
            filled=True, size=16, fill=house.WHITE, stroke=house.INK, strokeWidth=0.8, opacity=1
        ),
    ]


def _texts(drawn: Drawn, rows: pd.DataFrame) -> list[Any]:
    import altair as alt

    styles: dict[tuple[float, bool, str], list[dict[str, Any]]] = {}
    for label in drawn.labels:
        ink = house.INK if label.how == "outside" else rows["ink"].iloc[label.place]
        for line in label.lines:
            spot = {"text": line.text, "x": line.x, "y": line.y}
            styles.setdefault((line.size, line.bold, ink), []).append(spot)
    return [
        alt.Chart(alt.InlineData(values=spots))
        .mark_text(
            align="left",
            baseline="alphabetic",
            fontSize=size,
            fontWeight="bold" if bold else "normal",
            color=ink,
        )
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            y=alt.Y("y:Q", scale=None, axis=None),
            text=alt.Text("text:N"),
        )
        for (size, bold, ink), spots in sorted(styles.items())
    ]


def _alt(rows: pd.DataFrame, words: Words) -> str:
    ranked = rows[rows["incidents"].gt(0).fillna(value=False)]
    ranked = ranked.sort_values(["incidents", "name"], ascending=[False, True]).head(3)
    most = [
        words.say("{district} ({number})", district=str(name), number=int(n))
        for name, n in zip(ranked["name"], ranked["incidents"], strict=True)
    ]
    sentences = [words.count("Map of {n} district.", "Map of {n} districts.", len(rows))]
    if most:
        sentences.append(words.say("Most incidents this week: {districts}.", districts=words.listed(most)))
    quiet, untold, silent, outside = (
        rows.loc[rows["state"].eq(state), "name"].tolist()
        for state in ("no_incident", "none_known", "no_report", "no_coverage")
    )
    if len(quiet) > _MOST_NAMED:
        sentences.append(
            words.count(
                "No incident reported in {n} district.", "No incident reported in {n} districts.", len(quiet)
            )
        )
    elif quiet:
        sentences.append(words.say("No incident reported in {districts}.", districts=words.listed(quiet)))
    if untold:
        sentences.append(words.say("No incident known in {districts}.", districts=words.listed(untold)))
    if silent:
        sentences.append(words.say("No report received from {districts}.", districts=words.listed(silent)))
    if outside:
        sentences.append(words.say("No source covers {districts}.", districts=words.listed(outside)))
    return " ".join(sentences)


def _note(rows: pd.DataFrame, drawn: Drawn, words: Words, closing: str) -> str:
    sentences = [words.say("Incidents this week by district; the darker, the more.")]
    if rows["state"].eq("none_known").any():
        sentences.append(words.say("White, –: no incident known, which is not zero."))
    if rows["state"].eq("no_report").any():
        sentences.append(words.say("Hatched, –: no report received, which is not zero."))
    if rows["state"].eq("no_coverage").any():
        sentences.append(words.say("Cross-hatched, ?: no source covers it."))
    if rows["shown"].eq(WITHHELD).any():
        sentences.append(words.say("*: a count too small to be shown to this reader."))
    unnamed = [rows["name"].iloc[label.place] for label in drawn.labels if label.how == "number"]
    if unnamed:
        sentences.append(
            words.say("Names left out for want of room: {districts}.", districts=words.listed(unnamed))
        )
    absent = [rows["name"].iloc[label.place] for label in drawn.labels if label.how == "nowhere"]
    if absent:
        sentences.append(words.say("Not on the map: {districts}.", districts=words.listed(absent)))
    sentences.append(words.say("Outlines simplified."))
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(rows: pd.DataFrame, words: Words) -> Table:
    states = {
        "incidents": words.say("incidents reported"),
        "no_incident": words.term("assessment", "no_incident_reported"),
        "none_known": words.term("assessment", "no_incident_known"),
        "no_report": words.term("assessment", "no_report"),
        "no_coverage": words.say("no coverage"),
    }
    return Table(
        title=words.say("Incidents this week by district"),
        columns=(
            TableColumn(words.say("District"), share=2.0),
            TableColumn(words.say("Incidents"), align="right"),
            TableColumn(words.say("State of knowledge"), share=2.0),
        ),
        rows=tuple(
            (Cell(name), Cell(shown), Cell(states[state]))
            for name, shown, state in zip(rows["name"], rows["shown"], rows["state"], strict=True)
        ),
    )
