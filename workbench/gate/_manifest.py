"""A manifest taken apart: every key, text and number, and whether it says what the pack is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from workbench.gate._parts import Opened

_KEYS = frozenset(
    str.split(
        """
    briefing area area_name period audience marking language as_of compared_with status version corrects
    parameters digests files inputs versions sources title bottom_line prepared_by reviewer author fictional
    source licence attribution delivered_at last_dated week view notebook templates policy catalogue
        """
    )
)


class _TwiceTheSame(ValueError):
    """A key occurs twice, so that two readers could read two different manifests."""


def open_manifest(content: bytes, *, marking: str, audience: str, files: Mapping[str, bytes]) -> Opened:
    """
    Take a manifest apart: its passages, and the rules it breaks.

    Rules: `manifest_audience`, `manifest_marking`, `manifest_files` (it must name every other file of
    the pack with its SHA-256, and no other). Raises ValueError if it is not JSON, holds a key twice,
    or is not one object.
    """
    manifest = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused)
    if not isinstance(manifest, dict):
        raise TypeError("not an object")
    opened = Opened()
    texts: list[str] = []
    _collect(manifest, texts)
    opened.holds("the manifest", "\n".join(texts))
    if manifest.get("audience") != audience:
        opened.breaks("manifest_audience", "it names another audience than the pack is for")
    if manifest.get("marking") != marking:
        opened.breaks("manifest_marking", "it says another marking than the audience's")
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    if manifest.get("files") != digests:
        opened.breaks("manifest_files", "the files and digests it names are not those of the pack")
    return opened


def _collect(value: Any, texts: list[str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _KEYS:
                texts.append(key)
            _collect(inner, texts)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, texts)
    elif value is not None:
        texts.append(str(value))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceTheSame
    return found


def _refused(_: str) -> Any:
    raise ValueError("not a JSON number")
