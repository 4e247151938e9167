from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

from tests.charts.places import COUNTS, NAMES, STATES, province, values
from workbench import language
from workbench.charts import district_map
from workbench.charts._house import INK, SHADES, WHITE, contrast, text_on
from workbench.charts._outlines import Canvas, fit, project, ratio
from workbench.charts.maps import Drawn, layout
from workbench.document.svg import draw
from workbench.errors import ParameterError

WORDS = language.words("en")
REAL = Path(__file__).parents[3] / "shared" / "data" / "boundaries" / "moz_adm2_cabo_delgado.geojson"

real = pytest.mark.skipif(
    not REAL.exists(), reason="the real outlines are in ../shared/data, which is absent"
)


def cabo_delgado() -> pd.DataFrame:
    """Return the 17 real districts."""
    features = json.loads(REAL.read_text(encoding="utf-8"))["features"]
    return pd.DataFrame(
        {
            "district": [f["properties"]["ADM2_PCODE"] for f in features],
            "district_name": [f["properties"]["ADM2_PT"] for f in features],
            "geometry": [shape(f["geometry"]) for f in features],
        }
    )


def check_labels(drawn: Drawn, *, unnamed: int = 0) -> None:
    """Assert that labels lie on the canvas, inside their district or outside of all, and apart."""
    land = shapely.union_all(drawn.outlines)
    canvas = shapely.box(0, 0, drawn.canvas.width, drawn.canvas.height)
    boxes = [shapely.box(*label.box) for label in drawn.labels if label.box is not None]
    assert all(canvas.contains(box) for box in boxes)
    for one, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[one + 1 :])
    leaders = [(label, shapely.LineString(label.leader)) for label in drawn.labels if label.leader]
    for label in drawn.labels:
        if label.how in {"inside", "number"}:
            assert drawn.outlines[label.place].contains(shapely.box(*label.box))
        elif label.how == "outside":
            assert not shapely.box(*label.box).intersects(land)
            assert drawn.outlines[label.place].buffer(0.2).contains(shapely.Point(label.leader[0]))
    for one, (label, line) in enumerate(leaders):
        assert not any(line.crosses(other) for _, other in leaders[one + 1 :])
        for other in drawn.labels:
            if other.box is not None and other.place != label.place:
                assert not line.intersects(shapely.box(*other.box))
    assert sum(label.how in {"number", "nowhere"} for label in drawn.labels) == unnamed


@pytest.mark.parametrize("width", ["half", "full"])
def test_labels_do_not_collide(width: str) -> None:
    """On an invented island every name and number stands inside its district, apart from the others."""
    drawn = layout(list(province()["geometry"]), NAMES, [str(n) for n in COUNTS], width=width)
    assert drawn is not None
    check_labels(drawn)
    assert {label.how for label in drawn.labels} == {"inside"}


@pytest.mark.parametrize("width", ["half", "full"])
def test_long_names_find_a_place(width: str) -> None:
    """Names too long for their district go outside with a line, and still nothing collides."""
    names = tuple(f"{name} and the hills around" for name in NAMES)
    drawn = layout(list(province()["geometry"]), names, ["1234"] * 9, width=width)
    assert drawn is not None
    unnamed = sum(label.how in {"number", "nowhere"} for label in drawn.labels)
    check_labels(drawn, unnamed=unnamed)


def test_a_name_without_room_is_listed_in_the_note() -> None:
    """Where no place is left, the number stays and the note names whose name is missing."""
    names = tuple(f"{name}-with-a-name-that-is-wider-than-any-canvas-there-is" for name in NAMES)
    found = district_map(province(names), values=values(), words=WORDS)
    assert f"Names left out for want of room: {names[0]}," in found.note
    assert ">7</text>" in draw(found.spec)
    assert found.data is not None
    assert [row[0].text for row in found.data.rows] == list(names)


@real
@pytest.mark.parametrize("width", ["half", "full"])
def test_labels_do_not_collide_in_cabo_delgado(width: str) -> None:
    """Seventeen real districts, two of them tiny: every name has its place, and the SVG is below 40 kB."""
    districts = cabo_delgado()
    drawn = layout(list(districts["geometry"]), list(districts["district_name"]), ["12"] * 17, width=width)
    assert drawn is not None
    check_labels(drawn)
    states = ["incidents"] * 13 + ["no_report"] * 2 + ["no_coverage"] * 2
    counts = pd.DataFrame(
        {"district": districts["district"], "incidents": pd.array(range(17), dtype="Int64"), "state": states}
    )
    assert len(draw(district_map(districts, values=counts, words=WORDS, width=width).spec)) < 40_000


def test_neighbours_keep_one_border() -> None:
    """Simplified outlines neither overlap nor leave gaps, and keep their proportions."""
    flat = project(list(province()["geometry"]))
    drawn = fit(flat, Canvas(312, 400))
    areas = [one.area for one in drawn]
    assert shapely.union_all(drawn).area == pytest.approx(sum(areas), rel=2e-3)
    true = np.array([one.area for one in flat])
    assert np.array(areas) / sum(areas) == pytest.approx(true / true.sum(), abs=0.01)
    assert shapely.get_num_coordinates(drawn).sum() < shapely.get_num_coordinates(flat).sum()


def test_a_square_is_square_on_the_map() -> None:
    """A degree of longitude shrinks with the cosine of the latitude: at 60 degrees to a half."""
    assert ratio(project([shapely.box(10, 59.5, 12, 60.5)])) == pytest.approx(1.0, abs=0.001)
    assert ratio(project([shapely.box(10, -0.5, 12, 0.5)])) == pytest.approx(0.5, abs=0.001)


def test_north_is_up() -> None:
    """The northern of two districts lies above the southern one."""
    north, south = fit(project([shapely.box(0, 1, 1, 2), shapely.box(0, 0, 1, 1)]), Canvas(100, 100))
    assert north.centroid.y < south.centroid.y


def test_states_differ_without_colour() -> None:
    """No report, no incident and no coverage differ in text and hatching; the note says which is which."""
    found = district_map(province(), values=values(), words=WORDS, note="Source: log.")
    drawn = draw(found.spec)
    assert all(f">{mark}</text>" in drawn for mark in ("–", "?", "0", "7"))
    hatched = [row for rows in found.spec["datasets"].values() for row in rows if "geometry" in row]
    lines = [row for row in hatched if row["geometry"]["type"] == "MultiLineString"]
    assert len(lines) == 2
    slopes = [{(b[1] - a[1]) * (b[0] - a[0]) > 0 for a, b in row["geometry"]["coordinates"]} for row in lines]
    assert slopes == [{True}, {True, False}]
    assert found.note == (
        "Incidents this week by district; the darker, the more. Hatched, –: no report received, which is not "
        "zero. Cross-hatched, ?: no source covers it. Outlines simplified. Source: log."
    )


def test_no_incident_known_is_neither_zero_nor_silence() -> None:
    """Where these readers cannot tell silence from calm: white as no report, but unhatched; never a 0."""
    states = ("incidents",) * 3 + ("none_known",) * 6
    found = district_map(province(), values=values((1, 3, 7) + (0,) * 6, states), words=WORDS, title="")
    drawn = draw(found.spec)
    assert drawn.count(">–</text>") == 6
    assert ">0</text>" not in drawn
    assert "MultiLineString" not in json.dumps(found.spec)
    assert "White, –: no incident known, which is not zero." in found.note
    assert "Hatched" not in found.note
    assert "No incident known in Velda, Tamba, Sule, Pemra, Ibanda and Mecor." in found.alt
    assert found.title == ""
    assert found.data is not None
    assert [cell.text for cell in found.data.rows[3]] == ["Velda", "–", "no incident known"]


def test_the_finding_is_stated_in_words() -> None:
    """Alternative text: where most was, where nothing was reported, who was silent."""
    assert district_map(province(), values=values(), words=WORDS).alt == (
        "Map of 9 districts. Most incidents this week: Kuro (7), Pemra (4) and Orsk (3). "
        "No incident reported in Velda. No report received from Ibanda. No source covers Mecor."
    )


def test_many_quiet_districts_are_counted_not_named() -> None:
    """A list that nobody would listen to is a number; the table has the names."""
    found = district_map(province(), values=values((0,) * 9, ("no_incident",) * 9), words=WORDS)
    assert found.alt == "Map of 9 districts. No incident reported in 9 districts."


def test_the_table_beside_carries_every_district() -> None:
    """Each district has a row with what stands on the map, also one without outline or count."""
    districts = province()
    districts.loc[8, "geometry"] = None
    found = district_map(districts, values=values((None, *COUNTS[1:]), STATES), words=WORDS)
    assert found.data is not None
    assert [cell.text for cell in found.data.rows[0]] == ["Nareth", "*", "incidents reported"]
    assert [cell.text for cell in found.data.rows[7]] == ["Ibanda", "–", "no report"]
    assert "Not on the map: Mecor." in found.note
    assert "*: a count too small to be shown to this reader." in found.note


def test_a_district_nobody_gave_a_value_is_no_coverage() -> None:
    """A district missing from the values is not drawn as zero."""
    found = district_map(province(), values=values().iloc[:8], words=WORDS)
    assert "No source covers Mecor." in found.alt


def test_no_outline_at_all_is_an_error() -> None:
    """Without outlines there is no map, and the message says where they come from."""
    with pytest.raises(ParameterError, match="boundaries"):
        district_map(province().assign(geometry=None), values=values(), words=WORDS)


def test_text_can_be_read_on_every_fill() -> None:
    """Ink or white reaches a contrast of 4.5 on each shade (WCAG 2.2, 1.4.3), and shades get darker."""
    assert all(contrast(text_on(fill), fill) >= 4.5 for fill in (*SHADES, WHITE))
    steps = [contrast(shade, WHITE) for shade in SHADES]
    assert steps == sorted(steps)
    assert text_on(WHITE) == INK


@pytest.mark.parametrize("most", [0, 1, 3, 5, 6, 40, 1000])
def test_more_is_never_lighter(most: int) -> None:
    """Whatever the largest count, a higher count has no lighter fill and 0 has the lightest of its own."""
    counts = tuple(sorted({0, 1, 2, most // 2, most, max(most - 1, 0)} & set(range(most + 1))))
    padded = (counts * 9)[:9]
    states = tuple("incidents" if n else "no_incident" for n in padded)
    found = district_map(province(), values=values(padded, states), words=WORDS)
    areas = next(rows for rows in found.spec["datasets"].values() if "properties" in rows[0])
    fills = dict(zip(padded, (row["properties"]["fill"] for row in areas), strict=True))
    order = [SHADES.index(fills[n]) for n in sorted(fills)]
    assert order == sorted(order)
    assert order[0] == 0
    assert all(place > 0 for place in order[1:])


def test_the_map_carries_no_column_it_does_not_draw() -> None:
    """Codes and other columns of the districts stay behind; the same map gives the same bytes."""
    districts = province().assign(narrative="canary-7391", district=[f"canary-{n}" for n in range(9)])
    counts = values().assign(district=districts["district"], who="canary-7391")
    made = [json.dumps(district_map(districts, values=counts, words=WORDS).spec) for _ in range(2)]
    assert "canary" not in made[0]
    assert made[0] == made[1]


def test_a_broken_outline_is_mended() -> None:
    """An outline that crosses itself is drawn all the same."""
    districts = province()
    districts.loc[0, "geometry"] = shapely.Polygon([(29, 12.5), (29.4, 13), (29, 13), (29.4, 12.5)])
    assert "<path" in draw(district_map(districts, values=values(), words=WORDS).spec)
