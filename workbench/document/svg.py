"""Charts as static SVG: a Vega-Lite specification drawn by vl-convert, then cleaned by an allow-list.

What leaves is shapes and words: no class, style, link, script, title, label, comment or hidden mark,
and ids that depend on the specification alone, so that figures share a page and repeat byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from workbench.document.fonts import FAMILY, font_folder
from workbench.errors import ExportError

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_SHAPES = frozenset({"path", "rect", "line", "circle", "ellipse", "polygon", "polyline"})
_ELEMENTS = _SHAPES | {"g", "text", "tspan", "defs", "clipPath", "linearGradient", "radialGradient", "stop"}
_NUMBERS = frozenset(
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height offset opacity fill-opacity stroke-opacity "  # noqa: SIM905 (read as a list of words)
    "stop-opacity stroke-width stroke-dasharray stroke-dashoffset stroke-miterlimit font-size letter-spacing "
    "points d transform gradientTransform".split()
)
_WORDS = frozenset(
    "id fill stroke stop-color clip-path fill-rule clip-rule stroke-linecap stroke-linejoin font-weight "  # noqa: SIM905 (read as a list of words)
    "font-style text-anchor dominant-baseline direction gradientUnits clipPathUnits".split()
)
_REFERENCES = frozenset({"fill", "stroke", "clip-path"})
_INITIAL = {
    ("opacity", "1"), ("fill-opacity", "1"), ("stroke-opacity", "1"), ("stroke-width", "1"),
    ("stroke-dasharray", ""), ("stroke-dashoffset", "0"), ("text-anchor", "start"), ("font-weight", "normal"),
    ("transform", "translate(0,0)"),
}  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z0-9#.,%+\-()\s]*")
_NUMBER = re.compile(r"-?(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?")
_RGB = re.compile(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)")
_URL = re.compile(r"""url\(['"]?#([^'")]+)['"]?\)""")


def draw(spec: Mapping[str, Any], *, folder: Path | None = None) -> str:
    """
    Return the static SVG of a Vega-Lite specification: one `svg` element with a `viewBox`, 100 % wide.

    The same specification gives the same text. What was drawn is kept in this process, and in `folder`
    if there is one, under the specification's SHA-256. Text is set in FiraGO. Raises ExportError if the
    specification loads anything from an address or vl-convert cannot draw it.
    """
    if _loads(spec):
        raise ExportError(
            "A figure's specification loads data from an address. Put the data into the chart's frame."
        )
    return _drawn(json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":")), folder)


def clean(svg: str, *, prefix: str) -> str:
    """
    Return an SVG reduced to the shapes and words that show, numbers rounded to 2 decimals.

    Ids become `{prefix}-1`, `{prefix}-2` ... in the order they occur. Raises ExportError if `svg` is
    not one well-formed SVG without a document type.
    """
    if "<!" in svg.replace("<!--", ""):  # a document type is where entities are declared
        raise ExportError("A figure's SVG declares a document type. Draw it with the workbench's charts.")
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 (no document type, so no entities)
    except ElementTree.ParseError as error:
        raise ExportError(f"A figure's SVG is not well formed ({error}). Draw it again.") from None
    box = [_rounded(part) for part in root.get("viewBox", "").replace(",", " ").split()]
    if root.tag != f"{_NAMESPACE}svg" or len(box) != 4:
        raise ExportError("A figure's SVG has no viewBox. Draw the figure with the workbench's charts.")
    ids = {
        name: f"{prefix}-{number}"
        for number, name in enumerate((e.get("id", "") for e in root.iter() if e.get("id")), start=1)
    }
    body = "".join(_element(child, ids, painted=False) for child in root)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{" ".join(box)}" width="100%" '
        # a page written from right to left must not turn the anchors of a drawing's words around
        f'direction="ltr" font-family="{FAMILY}, sans-serif">{body}</svg>'
    )


def size(svg: str) -> tuple[float, float]:
    """Return width and height of a cleaned SVG's viewBox, in CSS pixels."""
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([-\d.]+) ([-\d.]+)"', svg)
    if not found:
        raise ExportError("A figure's SVG has no viewBox. Draw the figure with the workbench's charts.")
    return float(found[1]), float(found[2])


@lru_cache(maxsize=256)
def _drawn(spec: str, folder: Path | None) -> str:
    digest = hashlib.sha256(spec.encode("utf-8")).hexdigest()
    kept = folder / f"{_version()}-{digest}.svg" if folder else None
    if kept and kept.is_file():
        raw = kept.read_text(encoding="utf-8")
    else:
        raw = _convert(spec)
        if kept:
            _keep(kept, raw)
    return clean(raw, prefix=f"f{digest[:10]}")


def _convert(spec: str) -> str:
    converter = _converter()
    try:
        svg: str = converter.vegalite_to_svg(spec, allowed_base_urls=[])
    except ValueError as error:
        # the converter's message quotes the specification, so only its class may be shown
        raise ExportError(
            f"A figure could not be drawn ({type(error).__name__}). "
            "Show it in JupyterLab and correct its chart."
        ) from None
    return svg


@cache
def _converter() -> Any:
    import vl_convert  # its first chart takes over a second: one per process, and only where one is drawn

    vl_convert.register_font_directory(str(font_folder()))
    return vl_convert


@cache
def _version() -> str:
    from importlib.metadata import version

    return version("vl-convert-python")


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    Path(name).replace(path)


def _loads(value: object) -> bool:
    """Tell whether a specification names an address outside of its rows."""
    if isinstance(value, Mapping):
        return "url" in value or any(
            _loads(part) for name, part in value.items() if name not in {"values", "datasets"}
        )
    return isinstance(value, (list, tuple)) and any(map(_loads, value))


def _element(element: ElementTree.Element, ids: Mapping[str, str], *, painted: bool) -> str:
    tag = element.tag.removeprefix(_NAMESPACE) if isinstance(element.tag, str) else ""
    if tag == "a":  # a link around a mark: the mark stays, the link goes
        return "".join(_element(child, ids, painted=painted) for child in element)
    if tag not in _ELEMENTS or _hidden(element):
        return ""
    attributes = _attributes(element, ids)
    painted = painted or any(attributes.get(name, "none") != "none" for name in ("fill", "stroke"))
    if tag in _SHAPES and not painted:
        return ""
    inside = "".join(
        _element(child, ids, painted=painted or tag == "clipPath") + _tail(child, tag) for child in element
    )
    if tag in {"text", "tspan"}:
        inside = escape(element.text or "") + inside
    if tag in {"g", "defs", "text", "tspan"} and not inside.strip():
        return ""
    if tag == "g" and not attributes:
        return inside
    start = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{start}>{inside}</{tag}>" if inside else f"<{tag}{start}/>"


def _tail(child: ElementTree.Element, parent: str) -> str:
    return escape(child.tail or "") if parent in {"text", "tspan"} else ""


def _hidden(element: ElementTree.Element) -> bool:
    # what cannot be seen must not be carried either
    return (
        element.get("display") == "none"
        or element.get("visibility") == "hidden"
        or element.get("opacity") in {"0", "0.0"}
    )


def _attributes(element: ElementTree.Element, ids: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in element.attrib.items():
        cleaned = _attribute(name, value, ids)
        if cleaned is not None and (name, cleaned) not in _INITIAL:
            kept[name] = cleaned
    return kept


def _attribute(name: str, value: str, ids: Mapping[str, str]) -> str | None:
    """Return what an attribute may say, or None if it may not stay."""
    if name == "id":
        return ids[value]
    if name in _REFERENCES and (reference := _URL.fullmatch(value.strip())):
        target = ids.get(reference[1])
        return f"url(#{target})" if target else None
    if name not in _NUMBERS | _WORDS or not _PLAIN.fullmatch(value) or "url" in value.lower():
        return None
    if name in _WORDS:
        return _RGB.sub(_hexadecimal, value)
    decimals = 5 if name.lower().endswith("transform") and re.search("scale|matrix", value) else 2
    rounded = _NUMBER.sub(lambda number: _rounded(number[0], decimals), value)
    return rounded.removesuffix("px") if name == "font-size" else rounded


def _hexadecimal(rgb: re.Match[str]) -> str:
    return "#" + "".join(f"{min(int(part), 255):02x}" for part in rgb.groups())


def _rounded(number: str, decimals: int = 2) -> str:
    if "." not in number and "e" not in number.lower():
        return number
    text = f"{float(number):.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
