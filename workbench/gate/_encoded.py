"""Text written as something else: entities, percent signs, escapes, base64, hexadecimal."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from workbench.gate._parts import lenient, wide

_ESCAPE = re.compile(r"(\\u\{?[0-9a-fA-F]{4,6}\}?|\\x[0-9a-fA-F]{2}|\\[0-9a-fA-F]{1,6}[ \t\n]?)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F](?:[\s:,-]?[0-9a-fA-F]){7,}")
_QUOTED_PRINTABLE = re.compile(r"=(?:[0-9A-F]{2}|\n)(?:=(?:[0-9A-F]{2}|\n))*")
_READABLE = re.compile(r"[^\W_][\w\s.,;:'’@()/+-]{3,}")
_MARKS = "&%\\="
_URLSAFE = str.maketrans("-_", "+/")

_SHORT_RUN = 64
_LONGEST_RUN = 1_000_000
# A longer run would be a file inside a file; none is allowed in a pack except fonts, which are opened.


def unwrapped(text: str) -> str | None:
    """Return a text with entities, percent and backslash escapes undone, three deep; None if it has none."""
    if not any(mark in text for mark in _MARKS):  # most texts, and quickly seen
        return None
    before = text
    for _ in range(3):
        after = html.unescape(before)
        if "%" in after:
            after = unquote(after)
        if "\\" in after:
            after = _escapes_undone(after)
        if "=" in after:
            after = _unquoted_printable(after)
        if after == before:
            break
        before = after
    return None if before == text else before


def decoded(text: str, *, depth: int = 2) -> Iterator[str]:
    """
    Yield every readable text that base64 or hexadecimal runs in `text` hold.

    A run may begin anywhere in a word and be broken over lines; base64 is tried at its four offsets
    and hexadecimal at two, as UTF-8 and UTF-16, and again inside what was found.
    """
    runs = set(_BASE64.findall(text))
    unbroken = re.sub(r"\s*\n\s*", "", text)
    runs |= set(_BASE64.findall(unbroken))
    found: set[str] = set()
    for run in {one[:_LONGEST_RUN] for one in runs}:
        found |= _readable_in_run(run) if len(run) <= _SHORT_RUN else _readable_in(_from_base64(run))
    for run in set(_HEXADECIMAL.findall(text)):
        found |= _readable_in(_from_hexadecimal(run[:_LONGEST_RUN]))
    yield from sorted(found)
    if depth > 1 and found:
        yield from decoded("\n".join(sorted(found)), depth=depth - 1)


@lru_cache(maxsize=65_536)
def _readable_in_run(run: str) -> frozenset[str]:
    """Return what a short run of base64 holds: most are words, which stand in many passages."""
    return frozenset(_readable_in(_from_base64(run)))


def _from_base64(run: str) -> Iterator[bytes]:
    run = run.translate(_URLSAFE)
    for offset in range(4):
        part = run[offset:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        yield base64.b64decode(part + "===")


def _from_hexadecimal(run: str) -> Iterator[bytes]:
    digits = re.sub(r"[\s:,-]", "", run)
    for offset in (0, 1):
        part = digits[offset:]
        yield bytes.fromhex(part[: len(part) // 2 * 2])


def _readable_in(contents: Iterator[bytes]) -> set[str]:
    found: set[str] = set()
    for content in contents:
        # a NUL between letters is no letter of a text in bytes
        for text in (
            lenient(content).replace("\0", ""),
            *wide(content),
        ):
            # escapes are undone first: their marks are none of what is readable
            for one in {text, unwrapped(text) or text}:
                found.update(_READABLE.findall(one))
    return found


def _escapes_undone(text: str) -> str:
    parts = _ESCAPE.split(text)  # a PDF's stream holds very many escapes and few different ones
    parts[1::2] = map(_character, parts[1::2])
    return "".join(parts)


@lru_cache(maxsize=4096)
def _character(escape: str) -> str:
    code = int(escape.strip("\\ux{} \t\n"), 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else escape


def _unquoted_printable(text: str) -> str:
    def undo(found: re.Match[str]) -> str:
        return lenient(binascii.a2b_qp(found[0].encode()))

    return _QUOTED_PRINTABLE.sub(undo, text)
