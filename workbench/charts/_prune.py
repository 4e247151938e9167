"""A chart's specification reduced to what it draws: no column that is not encoded, no name of the run.

A Vega-Lite specification carries every row and column of its frames. Here each data set keeps only
the columns that encodings, transforms and expressions of the views on it name; what cannot be told
apart is refused, not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.charts._house import CONFIG
from workbench.errors import ParameterError

Json = dict[str, Any]

_CHILDREN = ("layer", "concat", "hconcat", "vconcat", "spec")
_STATIC_NEVER_SHOWS = ("tooltip", "href", "url", "description", "key")
_DROPPED = ("$schema", "usermeta", "datasets")
_GENERATORS = ("sequence", "graticule", "sphere")
_GEOMETRY = ("type", "geometry", "geometries", "coordinates", "features")
_DATUM = re.compile(r"""datum(?:\.([\w$]+)|\[\s*(['"])(.+?)\2\s*\])""")
_NUMBERED = re.compile(r"\b(?:view|param|layer|concat)_\d+\b")


def pruned(spec: Mapping[str, Any]) -> Json:
    """
    Return a Vega-Lite specification with its data reduced to what is drawn, and the house style.

    Data sets become `rows_0`, `rows_1` ... in the order of their first use, so that the same chart
    gives the same specification. Channels that a static picture never shows (tooltip, link) are left
    out. Raises ParameterError for data that are not rows in the specification itself: an address,
    text, TopoJSON.
    """
    found = _Found(dict(spec.get("datasets", {})))
    view = _view({k: v for k, v in spec.items() if k not in _DROPPED}, None, frozenset(), found)
    order = {name: f"rows_{place}" for place, name in enumerate(found.rows)}
    view = _renamed(view, order)
    view["datasets"] = {order[n]: _kept(values, found.used[n]) for n, values in found.rows.items()}
    view["config"] = _merged(CONFIG, view.get("config", {}))
    return view


@dataclass
class _Found:
    """What a walk through the views has found: each data set, and the columns that are read of it."""

    named: Json
    rows: dict[str, Any] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)


def _view(view: Json, scope: str | None, above: frozenset[str], found: _Found) -> Json:
    """
    Return a view, its own data replaced by a name; note what it reads of which data.

    `scope` is the data set inherited from the views `above`, with the columns those name: a layer's
    encoding, a facet or a repetition counts for the views inside it.
    """
    out: Json = {}
    if "data" in view:
        scope, out["data"] = _source(view["data"], found)
    own = {name: part for name, part in view.items() if name not in (*_CHILDREN, "data")}
    if "encoding" in own:
        own["encoding"] = {c: v for c, v in own["encoding"].items() if c not in _STATIC_NEVER_SHOWS}
    if "transform" in own:
        own["transform"] = [_transform(dict(step), found) for step in own["transform"]]
    columns = above | _fields(own)
    if scope is not None:
        found.used[scope] |= columns
    for name in _CHILDREN:
        if isinstance(part := view.get(name), list):
            out[name] = [_view(dict(child), scope, columns, found) for child in part]
        elif part is not None:
            out[name] = _view(dict(part), scope, columns, found)
    return out | own


def _source(data: Any, found: _Found) -> tuple[str | None, Any]:
    if data is None or any(kind in data for kind in _GENERATORS):
        return None, data
    name = data.get("name")
    values = data.get("values", found.named.get(name))
    if "url" in data or not isinstance(values, list | Mapping) or _topology(data):
        raise ParameterError(
            "A chart's data must be rows of a frame, or GeoJSON features, in the chart itself. "
            "Read the file into a frame in the notebook and chart that."
        )
    key = name if "values" not in data else f"values {len(found.rows)}"
    if key not in found.rows:
        found.rows[key], found.used[key] = values, set()
    return key, {"name": key, **({"format": data["format"]} if data.get("format") else {})}


def _topology(data: Mapping[str, Any]) -> bool:
    return (data.get("format") or {}).get("type") == "topojson"


def _transform(step: Json, found: _Found) -> Json:
    """Return a transform; the table a lookup reads is a data set of its own."""
    other = step.get("from")
    if isinstance(other, Mapping) and "data" in other:
        key, data = _source(other["data"], found)
        if key is not None:
            found.used[key] |= {str(other.get("key"))} | set(other.get("fields", ()))
        step["from"] = {**other, "data": data}
    return step


def _fields(view: Json) -> set[str]:
    """Return the columns a view names itself, its children left out."""
    own = {name: part for name, part in view.items() if name != "config"}
    found = set(_named_by(own.get("encoding", {}), "field"))
    found |= set(_named_by(own.get("facet", {}), "field"))
    for text in _texts(own):
        found |= {match[1] or match[3] for match in _DATUM.finditer(text)}
    for part in (own.get("transform", []), own.get("repeat", [])):
        found |= set(_texts(part))
    return {segment for name in found for segment in _segments(name)}


def _segments(name: str) -> tuple[str, ...]:
    """Return the column a field may mean: its whole name, or the column a path into it starts with."""
    whole = re.sub(r"\\(.)", r"\1", name)
    path = re.split(r"(?<!\\)[.\[]", name)
    inner = path[1] if path[0] == "properties" and len(path) > 1 else path[0]
    return whole, re.sub(r"\\(.)", r"\1", path[0]), re.sub(r"\\(.)", r"\1", inner)


def _named_by(part: Any, key: str) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name == key and isinstance(value, str):
                yield value
            yield from _named_by(value, key)
    elif isinstance(part, list):
        for value in part:
            yield from _named_by(value, key)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _kept(values: Any, used: set[str]) -> Any:
    """Return rows, or a GeoJSON object, with the columns in `used` only."""
    if isinstance(values, Mapping):
        return _kept_row(values, used)
    return [_kept_row(row, used) if isinstance(row, Mapping) else row for row in values]


def _kept_row(row: Mapping[str, Any], used: set[str]) -> Json:
    is_feature = "geometry" in row or row.get("type") == "FeatureCollection" or "coordinates" in row
    kept: Json = {}
    for name, value in row.items():
        if is_feature and name == "features":
            kept[name] = _kept(value, used)
        elif is_feature and name == "properties" and isinstance(value, Mapping):
            kept[name] = {inner: v for inner, v in value.items() if inner in used}
        elif name in used or (is_feature and name in _GEOMETRY):
            kept[name] = value
    return kept


def _renamed(view: Json, order: Mapping[str, str]) -> Json:
    """Return a view whose data sets, and the names Altair counts through a process, are counted anew."""
    counted: dict[str, str] = {}

    def anew(match: re.Match[str]) -> str:
        stem = match[0].split("_")[0]
        return counted.setdefault(match[0], f"{stem}_{len(counted)}")

    def walk(part: Any, *, data: bool = False) -> Any:
        if isinstance(part, Mapping):
            if data and "name" in part:
                return {**part, "name": order[part["name"]]}
            return {name: walk(value, data=name == "data") for name, value in part.items()}
        if isinstance(part, list):
            return [walk(value) for value in part]
        return _NUMBERED.sub(anew, part) if isinstance(part, str) else part

    renamed: Json = walk(view)
    return renamed


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Json:
    merged = dict(base)
    for name, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged
