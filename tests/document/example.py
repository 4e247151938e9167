"""A document with every kind of block, all content invented; a sample for tests of every renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from workbench.blocks import (
    Action,
    Actions,
    Align,
    Block,
    Callout,
    Cell,
    Columns,
    Figure,
    Heading,
    Judgement,
    KeyFigure,
    KeyFigures,
    Map,
    Masthead,
    PageBreak,
    Paragraph,
    Run,
    Sources,
    Table,
    TableColumn,
    Text,
)
from workbench.document import Document
from workbench.document.svg import draw

INK, ACCENT, GREY, BAND = "#1d2733", "#b4451f", "#5c6773", "#eef1f4"
WEEKS = [7, 10, 8, 6, 1, 13, 9, 17, 15, 5, 8, 7, 5, 11, 8, 8, 13, 6, 13, 7, 2, 15, 4, 5, 12, 19]
DISTRICTS = (
    # district, level, arrow, now, usual, assessment, contact, confidence, programme
    ("Kuro", "4", "up", "7", "1–4", "higher than usual", "2 d", "moderate", "suspended since 3 Nov"),
    ("Pemra", "3", "flat", "4", "1–5", "within usual variation", "1 d", "moderate", "reduced"),
    ("Orsk", "3", "flat", "3", "0–3", "within usual variation", "5 d", "moderate", "running"),
    ("Sule", "2", "down", "2", "1–4", "within usual variation", "3 d", "high", "running"),
    ("Nareth", "1", "flat", "1", "0–2", "within usual variation", "4 d", "moderate", "running"),
    ("Tamba", "1", "flat", "1", "0–1", "within usual variation", "6 d", "moderate", "running"),
    ("Velda", "1", "flat", "0", "0–1", "no incident reported", "9 d", "moderate", "running"),
    ("Ibanda", "?", "", "–", "0–1", "no report", "23 d", "low", "running"),
    ("Mecor", "?", "", "–", "0–1", "no report", "25 d", "low", "running"),
)
OUTLINES = {
    "Nareth": ((10, 90), (95, 10), (130, 80), (20, 100)),
    "Orsk": ((130, 30), (190, 20), (215, 65), (136, 76)),
    "Kuro": ((136, 78), (215, 67), (255, 100), (255, 130), (160, 152)),
    "Velda": ((20, 102), (130, 82), (156, 152), (84, 170)),
    "Pemra": ((162, 155), (255, 133), (215, 240), (165, 212)),
}


@cache
def example_document() -> Document:
    """Return the document as a reader gets it: every figure drawn, no specification left."""
    masthead, *blocks = example_blocks()
    assert isinstance(masthead, Masthead)
    return Document(masthead, tuple(_drawn(block) for block in blocks))


def example_blocks() -> tuple[Block, ...]:
    """Return the blocks as a notebook makes them: figures hold specifications."""
    return (
        masthead(),
        Callout(
            "bottom_line",
            "Seven attacks in Kuro, most on the road to Orsk, where one to four are usual; district offices "
            "should move by day and in pairs until the bridge post is manned again.",
            "No contact with authorities in Ibanda and Mecor for three weeks: silence there is not calm.",
        ),
        KeyFigures(
            (
                KeyFigure("19", "incidents", "12 last week · median 9", "higher than usual", tone="accent"),
                KeyFigure("31", "deaths (22–40)", "", "", ("of which 24 civilians",)),
                KeyFigure("2", "affecting aid", "0 last week"),
                KeyFigure("7/9", "districts in contact", "2 silent over 14 days"),
            ),
            "Counts are of reported incidents; no report is not zero.",
        ),
        Columns(
            (
                Heading("Key judgements"),
                Judgement(
                    "1",
                    (
                        Run("It is "),
                        Run("likely", "strong"),
                        Run(" that attacks along the Kuro–Orsk road continue in the next seven days."),
                    ),
                    "Confidence: moderate. Five of seven incidents confirmed by two sources; "
                    "the group’s supply route is intact.",
                ),
                Judgement(
                    "2",
                    (
                        Run("It is "),
                        Run("unlikely", "strong"),
                        Run(" that fighting reaches Sule town this month."),
                    ),
                    "Confidence: low. No contact in two districts between.",
                ),
                Judgement(
                    "3",
                    (
                        Run("There is a "),
                        Run("roughly even chance", "strong"),
                        Run(" that the district administration reopens the Orsk market post by 30 November."),
                    ),
                    "Confidence: low. One commitment, already overdue.",
                ),
                Text.plain(
                    "Last week’s outlook: 3 of 4 calls held; incidents forecast 10–18, observed 19.",
                    tone="quiet",
                ),
                Heading("Incidents a week, with the expected range"),
                Figure(
                    "",
                    "Bar chart of incidents a week from 2026-W21 to 2026-W46: 19 in the last week, above the "
                    "expected 4 to 16; the last two weeks are still being reported.",
                    "Hollow bars: still being reported. Grey band: 90 % of the past 26 weeks’ expectation. "
                    "Source: office log and two publishers, data of 15 Nov.",
                    data=table(
                        "",
                        (("Week", "left"), ("Incidents", "right")),
                        tuple((f"2026-W{21 + week}", str(n)) for week, n in enumerate(WEEKS)),
                    ),
                    width="half",
                    spec=bars(),
                ),
            ),
            (
                Heading("Where"),
                Map(
                    "",
                    "Map of five districts by incidents: Kuro 7, Pemra 4, Orsk 3, Nareth 1, Velda 0.",
                    "Incidents this week by district; white: no report received. Outlines simplified.",
                    data=table(
                        "",
                        (("District", "left"), ("Incidents", "right")),
                        tuple((row[0], row[3]) for row in DISTRICTS),
                    ),
                    width="half",
                    spec=outlines(),
                ),
            ),
        ),
        Heading("Districts"),
        districts(),
        Heading("Liaison and commitments"),
        Text(
            (
                Paragraph(
                    (
                        Run("Two undertakings fell due this week and "),
                        Run("none", "strong"),
                        Run(" was kept."),
                    )
                ),
                Paragraph((Run("The bridge post at Kuro is still unmanned."),), "bullet"),
                Paragraph(
                    (
                        Run("The market post at "),
                        Run("Orsk", "emphasis"),
                        Run(" stays closed."),
                    ),
                    "bullet",
                ),
                Paragraph((Run("Ask the provincial office for dates."),), "number"),
                Paragraph(
                    (
                        Run("Record the answer under "),
                        Run("COM-014", "code"),
                        Run("."),
                    ),
                    "number",
                ),
            )
        ),
        table(
            "Commitments overdue",
            (("Made on", "left"), ("By", "left"), ("Text", "left"), ("Due", "right")),
            (
                ("12 Oct 2026", "district administration", "Reopen the market post at Orsk", "1 Nov 2026"),
                (
                    "19 Oct 2026",
                    "provincial government",
                    "Man the bridge post at Kuro day and night",
                    "9 Nov 2026",
                ),
            ),
            note="A commitment is overdue from the day after its due date.",
            stack=True,
        ),
        Table(
            "New alerts",
            (TableColumn("Raised"), TableColumn("Threat")),
            (),
            empty="No alert was raised this week.",
        ),
        Callout("warning", "Publishers revise.", "Three incidents of W45 were added after the last issue."),
        Callout("note", "", "This briefing does not replace the security risk assessment."),
        Heading("Recommendations"),
        Actions(
            (
                Action(
                    "Move by day and in pairs on the Kuro–Orsk road",
                    "District offices",
                    "17 Nov 2026",
                    "new",
                    "accent",
                ),
                Action(
                    "Re-establish contact in Ibanda and Mecor", "Liaison cell", "20 Nov 2026", "open, 1 week"
                ),
            ),
            {"what": "What", "who": "Who", "by_when": "By when", "state": "State"},
            "No recommendation this week.",
        ),
        PageBreak(),
        Heading("Annex: method and sources", annex=True),
        Heading("How the expected range is made", 2),
        Text.plain("The range is the central 90 % of a negative binomial fitted to the past 26 weeks."),
        Heading("Limits", 3),
        Text.bullets("Small counts vary by chance.", "Recent weeks are incomplete."),
        Sources(
            table(
                "",
                (("Source", "left"), ("Licence", "left"), ("Data to", "right"), ("Age", "right")),
                (
                    ("Office log", "internal", "15 Nov 2026", "1 d"),
                    ("Publisher A (fictional)", "CC BY 4.0, Institute A", "8 Nov 2026", "8 d"),
                ),
            )
        ),
    )


def masthead() -> Masthead:
    """Return the masthead of the sample."""
    return Masthead(
        title="Weekly conflict briefing: Kestara Province",
        area="Kestara",
        period="2026-W46",
        facts=(
            "Monday 9 – Sunday 15 November 2026",
            "data known on 16 Nov 2026 06:00 UTC",
            "issue 46",
            "prepared by the analysis cell",
            "reviewed by the head of security",
        ),
        marking="CONFIDENTIAL",
        edition="internal edition",
        audience="internal",
        briefing="weekly_conflict",
        as_of="2026-11-16T06:00:00Z",
        language="en",
        direction="ltr",
        fiction="SAMPLE DATA: places, people and events are fictional",
        note="For the named readers only.",
        labels={
            "contents": "Contents",
            "page": "page {page} of {pages}",
            "issue_version": "version {version}",
            "corrects": "corrects version {version}",
            "alternative": "Data of this figure",
        },
    )


def table(
    title: str,
    columns: tuple[tuple[str, Align], ...],
    rows: tuple[tuple[str, ...], ...],
    *,
    note: str = "",
    stack: bool = False,
) -> Table:
    """Return a plain table."""
    return Table(
        title,
        tuple(TableColumn(label, align) for label, align in columns),
        tuple(tuple(Cell(text) for text in row) for row in rows),
        note,
        stack=stack,
    )


def districts() -> Table:
    """Return the table of districts, with arrows and tones."""
    labels: tuple[tuple[str, Align, float], ...] = (
        ("District", "left", 1.2), ("Level", "left", 0.7), ("Now", "right", 0.6), ("Usual", "right", 0.7),
        ("Assessment", "left", 2), ("Contact", "right", 0.8), ("Confidence", "left", 1.2),
        ("Programme", "left", 1.8),
    )  # fmt: skip
    rows = []
    for name, level, arrow, now, usual, assessment, contact, confidence, programme in DISTRICTS:
        symbol: Any = arrow
        rows.append(
            (
                Cell(name, "strong" if name == "Kuro" else "plain"),
                Cell(level, "accent" if arrow == "up" else "plain", symbol),
                Cell(now),
                Cell(usual),
                Cell(assessment, "accent" if assessment == "no report" else "plain"),
                Cell(contact),
                Cell(confidence, "quiet" if confidence == "low" else "plain"),
                Cell(programme),
            )
        )
    return Table("", tuple(TableColumn(*label) for label in labels), tuple(rows), stack=True)


def bars() -> Mapping[str, Any]:
    """Return a bar chart of WEEKS as a Vega-Lite specification."""
    rows = [{"week": f"W{21 + week}", "n": n, "open": week > 23} for week, n in enumerate(WEEKS)]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 330,
        "height": 120,
        "background": None,
        "config": {
            "font": "FiraGO",
            "view": {"stroke": None},
            "axis": {"domain": False, "ticks": False, "gridColor": "#e3e7eb", "labelColor": GREY},
        },
        "layer": [
            {
                "data": {"values": [{"low": 4, "high": 16}]},
                "mark": {"type": "rect", "color": BAND},
                "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "bar", "stroke": INK},
                "encoding": {
                    "x": {
                        "field": "week",
                        "type": "ordinal",
                        "title": None,
                        "axis": {"labelAngle": 0, "values": ["W21", "W33", "W46"], "grid": False},
                    },
                    "y": {"field": "n", "type": "quantitative", "title": None, "axis": {"tickCount": 4}},
                    "fill": {"condition": {"test": "datum.open", "value": "#ffffff"}, "value": INK},
                },
            },
            {
                "data": {"values": [{"week": "W46", "n": 19, "label": "19 so far; 24 expected (21–29)"}]},
                "mark": {
                    "type": "text",
                    "align": "right",
                    "dy": -8,
                    "dx": 6,
                    "color": ACCENT,
                    "fontWeight": "bold",
                },
                "encoding": {
                    "x": {"field": "week", "type": "ordinal"},
                    "y": {"field": "n", "type": "quantitative"},
                    "text": {"field": "label"},
                },
            },
        ],
    }


def outlines() -> Mapping[str, Any]:
    """Return a map of OUTLINES, shaded by count, as a Vega-Lite specification."""
    counts = {row[0]: row[3] for row in DISTRICTS}
    shade = {"7": INK, "4": "#4f6072", "3": "#7e8d9c", "1": "#d6dce4", "0": BAND}
    layers = []
    for name, corners in OUTLINES.items():
        ring = [list(corner) for corner in (*corners, corners[0])]
        middle = [sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1)]
        words = "#ffffff" if counts[name] in {"7", "4"} else INK
        feature = {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {},
        }
        layers.append(
            {
                "data": {"values": [feature]},
                "mark": {"type": "geoshape", "fill": shade[counts[name]], "stroke": "#c3ccd5"},
            }
        )
        layers.append(
            {
                "data": {"values": [{"x": middle[0], "y": middle[1], "t": [name, counts[name]]}]},
                "mark": {"type": "text", "color": words, "fontSize": 11},
                "encoding": {
                    "longitude": {"field": "x", "type": "quantitative"},
                    "latitude": {"field": "y", "type": "quantitative"},
                    "text": {"field": "t"},
                },
            }
        )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 330,
        "height": 300,
        "background": None,
        "projection": {"type": "identity"},
        "config": {"font": "FiraGO", "view": {"stroke": None}},
        "layer": layers,
    }


def _drawn(block: Block) -> Block:
    if isinstance(block, Columns):
        return Columns(tuple(map(_drawn, block.left)), tuple(map(_drawn, block.right)))
    if isinstance(block, Figure) and block.spec is not None:
        return replace(block, spec=None, svg=draw(block.spec))
    return block
