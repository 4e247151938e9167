from __future__ import annotations

import json

import altair as alt
import pandas as pd
import pytest

from workbench.charts import figure
from workbench.document.svg import draw
from workbench.errors import ParameterError

CANARY = "canary-7391"


def rows(**columns: list[object]) -> pd.DataFrame:
    """Return a frame with a secret in every column that a chart has no business with."""
    given = {"x": [1, 2], "y": [3, 4], "kind": ["a", "b"], **columns}
    secret = {
        name: [f"{CANARY} {name} {n}" for n in range(2)] for name in ("name", "narrative", "a.b", "title")
    }
    return pd.DataFrame({**secret, **given})


def spec_of(chart: alt.TopLevelMixin) -> dict[str, object]:
    """Return the specification of a chart's figure."""
    spec = figure(chart, title="T", alt="A finding.").spec
    assert spec is not None
    return dict(spec)


def bar() -> alt.Chart:
    """Return a plain bar chart."""
    return alt.Chart(rows()).mark_bar().encode(x="x:Q", y="y:Q")


CHARTS = {
    "bar": lambda: (bar(), {"x", "y"}),
    "tooltip": lambda: (
        bar().encode(tooltip="narrative:N", href="name:N", description="title:N"),
        {"x", "y"},
    ),
    "colour": lambda: (bar().encode(color="kind:N"), {"x", "y", "kind"}),
    "sorted": lambda: (
        alt.Chart(rows()).mark_bar().encode(x=alt.X("x:O", sort=alt.EncodingSortField("kind")), y="y"),
        {"x", "y", "kind"},
    ),
    "condition": lambda: (
        bar().encode(color=alt.condition("datum.kind == 'a'", alt.value("red"), alt.value("grey"))),
        {"x", "y", "kind"},
    ),
    "filter": lambda: (bar().transform_filter("datum['kind'] == 'a'"), {"x", "y", "kind"}),
    "calculate": lambda: (
        alt.Chart(rows()).mark_bar().encode(x="x", y="z:Q").transform_calculate(z="datum.y * 2"),
        {"x", "y"},
    ),
    "aggregate": lambda: (
        alt.Chart(rows()).mark_bar().encode(x="x", y="s:Q").transform_aggregate(s="sum(y)", groupby=["x"]),
        {"x", "y"},
    ),
    "fold": lambda: (
        alt.Chart(rows()).mark_bar().encode(x="key:N", y="value:Q").transform_fold(["x", "y"]),
        {"x", "y"},
    ),
    "layers": lambda: (bar() + bar().mark_text().encode(text="kind:N"), {"x", "y", "kind"}),
    "beside": lambda: (bar() | bar().encode(y="kind:N"), {"x", "y", "kind"}),
    "facet": lambda: (bar().facet("kind:N"), {"x", "y", "kind"}),
    "repeat": lambda: (
        alt.Chart(rows()).mark_bar().encode(x=alt.X(alt.repeat(), type="quantitative")).repeat(["x", "y"]),
        {"x", "y"},
    ),
    "dotted": lambda: (
        alt.Chart(rows(**{"p.q": [1, 2]})).mark_bar().encode(x=alt.X("p\\.q:Q"), y="y"),
        {"p.q", "y"},
    ),
    "interactive": lambda: (bar().interactive(), {"x", "y"}),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_carries_only_what_it_encodes(name: str) -> None:
    """Whatever kind of chart: columns it draws stay, every other one is gone, and it can be drawn."""
    chart, used = CHARTS[name]()
    spec = spec_of(chart)
    assert CANARY not in json.dumps(spec)
    kept = {column for data in spec["datasets"].values() for row in data for column in row}  # type: ignore[attr-defined]
    assert kept == used
    assert "<path" in draw(spec) or "<rect" in draw(spec)


def test_a_lookup_keeps_its_two_tables_apart() -> None:
    """The table looked up keeps its key and the columns fetched, and the chart's own its key."""
    other = rows().rename(columns={"x": "key_of"}).assign(fetched=[5, 6])
    chart = (
        alt.Chart(rows()).mark_bar().encode(x="x:Q", y="fetched:Q")
        .transform_lookup(lookup="x", from_=alt.LookupData(other, key="key_of", fields=["fetched"]))
    )  # fmt: skip
    spec = spec_of(chart)
    kept = [set(data[0]) for data in spec["datasets"].values()]  # type: ignore[attr-defined]
    assert sorted(map(sorted, kept)) == [["fetched", "key_of"], ["x"]]


def test_features_lose_their_properties() -> None:
    """GeoJSON keeps its geometry and the encoded property only."""
    square = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]}
    feature = {
        "type": "Feature",
        "id": CANARY,
        "geometry": square,
        "properties": {"fill": "#fff", "who": CANARY},
    }
    for values in ([feature], {"type": "FeatureCollection", "features": [feature]}):
        chart = alt.Chart(
            alt.InlineData(values=values, format=alt.DataFormat(property="features", type="json"))
            if isinstance(values, dict)
            else alt.InlineData(values=values)
        )
        spec = spec_of(chart.mark_geoshape().encode(fill=alt.Fill("properties.fill:N", scale=None)))
        assert CANARY not in json.dumps(spec)
        assert "#fff" in json.dumps(spec)


@pytest.mark.parametrize(
    "data",
    [
        alt.UrlData(url="https://example.org/rows.csv"),
        alt.InlineData(values="a,b\n1,2", format=alt.CsvDataFormat(type="csv")),
        alt.NamedData(name="elsewhere"),
        alt.InlineData(values={"type": "Topology"}, format=alt.TopoDataFormat(type="topojson", feature="x")),
    ],
    ids=["address", "text", "name", "topology"],
)
def test_what_cannot_be_pruned_is_refused(data: object) -> None:
    """Data that are not rows in the chart are an error that says what to do, never kept."""
    with pytest.raises(ParameterError, match="rows of a frame"):
        spec_of(alt.Chart(data).mark_bar().encode(x="a:Q"))


def test_the_same_chart_gives_the_same_bytes() -> None:
    """Names that Altair counts through a process, or takes from contents, are counted anew."""
    first, second = (json.dumps(spec_of(bar().interactive() & bar())) for _ in range(2))
    assert first == second
    assert set(json.loads(first)["datasets"]) == {"rows_0"}


def test_a_figure_is_in_house_style_and_needs_nothing_outside() -> None:
    """FiraGO, no axis line, no usermeta, no address; what the chart sets itself goes first."""
    spec = spec_of(bar().configure_axis(domain=True).properties(usermeta={"who": CANARY}))
    assert spec["config"]["font"] == "FiraGO"  # type: ignore[index]
    assert spec["config"]["axis"]["domain"] is True  # type: ignore[index]
    assert spec["config"]["axis"]["ticks"] is False  # type: ignore[index]
    assert "http" not in json.dumps(spec)
    assert spec["width"] == 656


def test_a_figure_without_words_for_the_blind_is_refused() -> None:
    """The alternative text is not optional."""
    with pytest.raises(ParameterError, match="alt"):
        figure(bar(), title="T", alt=" ")
