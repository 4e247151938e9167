"""FiraGO: the one typeface of every document (Latin, Greek, Cyrillic, Arabic), as files and as subsets."""

from __future__ import annotations

import base64
import hashlib
import importlib
import io
import os
import shutil
import tempfile
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

FAMILY = "FiraGO"
FILES = {
    "FiraGO-Regular.ttf": "FiraGO_Regular",
    "FiraGO-Bold.ttf": "FiraGO_Bold",
    "FiraGO-Italic.ttf": "FiraGO_Italic",
    "FiraGO-BoldItalic.ttf": "FiraGO_BoldItalic",
}
"""File name -> module of pymupdf_fonts that holds its bytes."""

_LATIN = "".join(chr(code) for code in range(0x20, 0x7F)) + "\u00a0·×±°‑–—‘’“”…−≤≥▲▼▶"
_ARABIC = (
    "".join(chr(code) for code in (0x60C, 0x61B, 0x61F, *range(0x621, 0x653), *range(0x660, 0x66D))) + "◀"
)
_CYRILLIC = "".join(chr(code) for code in range(0x400, 0x460)) + "№"
_WHOLE = (_LATIN, _ARABIC, _CYRILLIC)
# Characters that come as a whole: most pages need most of them, and share one subset made once.


def font_folder() -> Path:
    """
    Return a folder with FiraGO's four styles as `.ttf` files, for engines that read fonts from disk.

    The folder lies in the user's temporary folder, is named after the fonts' version, and is made
    once: a process that finds it half made by a killed one never sees it, because it appears by one rename.
    """
    getuid = getattr(os, "getuid", None)  # Windows has none, and a temporary folder for each user
    user = str(getuid()) if getuid else "user"
    folder = Path(tempfile.gettempdir()) / f"workbench-fonts-{version('pymupdf-fonts')}-{user}"
    if getuid and folder.exists() and folder.stat().st_uid != getuid():
        folder = _private()  # somebody else's: not to be trusted with what a reader will see
    if not _complete(folder):
        _make(folder)
    return folder


@cache
def _private() -> Path:
    return Path(tempfile.mkdtemp(prefix="workbench-fonts-"))


def _complete(folder: Path) -> bool:
    # a temporary folder's cleaner may have taken or emptied single files
    return all((folder / name).is_file() and (folder / name).stat().st_size > 100_000 for name in FILES)


def _make(folder: Path) -> None:
    made = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        for name in FILES:
            (made / name).write_bytes(font(name))
        if folder.exists():  # incomplete: set it aside, so that the rename below finds the name free
            folder.rename(made.with_name(f"{made.name}-old"))
        made.rename(folder)
    except OSError:
        if not _complete(folder):  # otherwise another process was faster
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(made.with_name(f"{made.name}-old"), ignore_errors=True)


def font(name: str) -> bytes:
    """Return the bytes of one of FILES."""
    buffer: bytes = importlib.import_module(f"pymupdf_fonts.{FILES[name]}").fontbuffer
    return bytes(buffer)


def faces(text: str) -> list[str]:
    """
    Return the `@font-face` rules that set a text in FiraGO, regular and bold, each font as a `data:` address.

    Latin, Arabic and Cyrillic letters come as a whole where one occurs; of everything else only what
    occurs. A character FiraGO does not have is left to the reader's own fonts. The same characters
    give the same rules.
    """
    present = set(text)
    sets = [letters for letters in _WHOLE if letters is _LATIN or present & set(letters)]
    rest = present.difference(*_WHOLE)
    if rest := rest & _drawable():
        sets.append("".join(sorted(rest)))
    return [
        f"@font-face{{font-family:{FAMILY};font-weight:{weight};src:url({_address(name, letters)}) "
        f"format('woff');unicode-range:{_range(letters)}}}"
        for letters in sets
        for name, weight in (("FiraGO-Regular.ttf", 400), ("FiraGO-Bold.ttf", 700))
    ]


@lru_cache(maxsize=64)
def _address(name: str, letters: str) -> str:
    made = font_folder() / f"{name}-{hashlib.sha256(letters.encode('utf-8')).hexdigest()[:16]}.woff"
    if made.is_file():  # a subset takes half a second to make, and pages of an office share most of them
        woff = made.read_bytes()
    else:
        woff = _subset(name, letters)
        _put(made, woff)
    return "data:font/woff;base64," + base64.b64encode(woff).decode("ascii")


def _subset(name: str, letters: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        layout_features=[
            "kern",
            "mark",
            "mkmk",
            "init",
            "medi",
            "fina",
            "isol",
            "rlig",
            "ccmp",
            "locl",
            "tnum",
        ],
        hinting=False,
        name_IDs=[1, 2],
        notdef_outline=True,
    )
    options.drop_tables += ["DSIG"]
    # the same letters must give the same bytes, whenever they are set
    face = TTFont(io.BytesIO(font(name)), recalcTimestamp=False)
    tool = subset.Subsetter(options)
    tool.populate(text=letters)
    tool.subset(face)
    face.flavor = "woff"
    written = io.BytesIO()
    face.save(written)
    return written.getvalue()


@cache
def _drawable() -> frozenset[str]:
    from fontTools.ttLib import TTFont

    return frozenset(map(chr, TTFont(io.BytesIO(font("FiraGO-Regular.ttf"))).getBestCmap()))


def _range(letters: str) -> str:
    codes = sorted(map(ord, letters))
    # numbers that follow each other keep the same distance from their place in the list
    runs = (list(run) for _, run in groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0]))
    return ",".join(
        f"U+{run[0][1]:X}" if len(run) == 1 else f"U+{run[0][1]:X}-{run[-1][1]:X}" for run in runs
    )


def _put(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)
