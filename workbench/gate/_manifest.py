"""A manifest taken apart: every key, text and number, and whether it says what the pack is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from workbench.gate._parts import Expected, Opened, words_in

_KEYS = frozenset(
    str.split(
        """
    briefing area area_name period audience marking language as_of compared_with status version corrects
    recipients released_by changes fictional title bottom_line prepared_by reviewer parameters inputs digests
    document files versions sources
        """
    )
)
"""What a manifest says; anything else in it is refused."""

_INNER_KEYS = frozenset(
    str.split(
        """
    source title licence attribution delivered_at last_dated area week audience as_of language view notebook
    templates policy catalogue content
        """
    )
)
_SIGNED = re.compile(rb"ed25519 [0-9a-f]{16} ([A-Za-z0-9+/]{86}==)\n")


MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"


class _TwiceTheSame(ValueError):
    """A key occurs twice, so that two readers could read two different manifests."""


def open_manifest(content: bytes, *, expected: Expected, files: Mapping[str, bytes]) -> Opened:
    """
    Take a manifest apart: its passages, and the rules it breaks.

    Rules: `manifest_audience`, `manifest_marking`, `manifest_status`, `manifest_recipients`,
    `manifest_folder` (the pack must lie where it says), `manifest_files` (it must name every other file
    of the pack but its signature with its SHA-256, and no other), `manifest_key`. Raises ValueError if it
    is not JSON, holds a key twice, or is not one object.
    """
    manifest = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_refused)
    if not isinstance(manifest, dict):
        raise TypeError
    opened = Opened()
    verified = set()
    for key, said, rule, detail in (
        (
            "audience",
            expected.audience,
            "manifest_audience",
            "it names another than the pack is for",
        ),
        ("marking", expected.marking, "manifest_marking", "it says another marking than the audience's"),
        ("status", expected.status, "manifest_status", "it says another status than the pack has"),
        ("recipients", list(expected.recipients), "manifest_recipients", "they are not the audience's"),
        ("files", _digests(files), "manifest_files", "the files and digests it names are not the pack's"),
    ):
        if manifest.get(key, []) == said:
            verified.add(key)
        else:
            opened.breaks(rule, detail)
    if manifest.get("released_by") == list(expected.released_by):
        verified.add("released_by")
    if expected.lies_in is not None and tuple(expected.lies_in) not in _folders(manifest):
        opened.breaks("manifest_folder", "the pack lies in another folder than it belongs in")
    if not set(manifest) <= _KEYS:
        opened.breaks("manifest_key", "it holds what no manifest has")
    texts: list[str] = []
    # of what was compared, digests would decode to noise, and an address may hold a name
    _collect({key: value for key, value in manifest.items() if key not in verified}, texts)
    for text in texts:  # apart: where one ends and another begins, words stand side by side that nobody wrote
        opened.holds("the manifest", text)
    return opened


def open_signature(content: bytes) -> Opened:
    """
    Take a manifest's signature apart; anything but one line with a key's name and 64 bytes is refused.

    Whether it is the office's is not looked at here (`workbench verify`); only that it says nothing.
    """
    opened = Opened()
    form = _SIGNED.fullmatch(content)
    if form is None:
        opened.breaks("signature", "it is no signature of the workbench")
        opened.holds_bytes("the signature", content)
        return opened
    # a real one holds hardly ever eight letters in a row, so a short name cannot be found by chance
    opened.holds("the signature", "\n".join(words_in(base64.b64decode(form[1]))))
    return opened


def named_document(content: bytes) -> object:
    """Return what a manifest says its pack was set from; None if it says nothing or is no manifest."""
    try:
        manifest = json.loads(content.decode())
    except ValueError:
        return None
    return manifest.get("document") if isinstance(manifest, dict) else None


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != SIGNATURE}


def _folders(manifest: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return where the pack of a manifest may lie: in the office's first language, or in another."""
    *above, version, language = (
        str(manifest.get(key)) for key in ("audience", "briefing", "area", "period", "version", "language")
    )
    return [(*above, f"v{version}"), (*above, f"v{version}-{language}")]


def _collect(value: Any, texts: list[str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _KEYS | _INNER_KEYS:
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
    raise ValueError
