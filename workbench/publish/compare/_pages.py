"""The pages of an audience's folder that compare issues: made where they are missing, removed with a pack."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import workbench
from workbench.config import Audience, Office, shipped
from workbench.gate import Expected, page_passes
from workbench.keys import keys_of
from workbench.publish import documents, pack
from workbench.publish.compare._pairs import Pair, pairs
from workbench.publish.compare._render import TEMPLATE, address_of, render

_PAGES = "compare-*.html"
_STAMP = re.compile(rb'<meta name="made-from" content="([0-9a-f]{64})">')
_BLANK = b"0" * 64


@dataclass(frozen=True)
class Comparison:
    """A page that is there: the two issues, and its name in the audience's folder."""

    pair: Pair
    name: str


def write(
    outputs: Path, packs: pack.Versions, *, audience: Audience, office: Office
) -> tuple[Comparison, ...]:
    """
    Bring the pages of an audience's folder up to date and return those that are there.

    First every page is removed whose two packs do not both stand, so that nothing of a recalled issue
    stays. A page is made only of packs that are as they were published, from the documents they were set
    from; where one is gone from the office, there is no page. One that the gate's reading
    of a page refuses is not written: an issue that is out must not fail for it.
    """
    folder, first = outputs / audience.slug, office.languages[0]
    wanted = {pair.name(first_language=first): pair for pair in pairs(packs)}
    for file in folder.glob(_PAGES):
        if file.name not in wanted:
            file.unlink(missing_ok=True)
    done = []
    for name, pair in sorted(wanted.items()):
        stamp = _made_from(pair, audience, office)
        if _stands(folder / name, stamp) or _made(outputs, folder / name, pair, stamp, audience, office):
            done.append(Comparison(pair, name))
    return tuple(done)


def _made(  # one step of `write`
    outputs: Path, file: Path, pair: Pair, stamp: str, audience: Audience, office: Office
) -> bool:
    with suppress(FileNotFoundError):  # what it showed may be why it must be made again
        file.unlink()
    public, first = keys_of(office).public, office.languages[0]
    both = (pair.earlier, pair.later)
    if any(pack.verify(pack.folder_of(outputs, one, first_language=first), public=public) for one in both):
        return False
    was, now = (documents.kept(office, one.document) for one in both)
    if was is None or now is None:
        return False
    page = render(pair, was, now, audience=audience, office=office).encode("utf-8")
    if not _passes(page, pair, audience, office):
        return False
    pack.replace(file, _stamped(page, stamp))
    return True


def _passes(page: bytes, pair: Pair, audience: Audience, office: Office) -> bool:
    """
    Let the gate read a page as it reads those of packs: parts, marks, addresses, small counts.

    It allows no link out of a page; those to the index page and to the two issues are taken out first.
    """
    for address in ("index.html", *(address_of(one, office) for one in (pair.earlier, pair.later))):
        page = page.replace(f' href="{address}"'.encode(), b"")
    expected = Expected(
        audience=audience.slug, marking=audience.marking, status="released",
        count_threshold=audience.count_threshold,
        other_markings=tuple(one.marking for one in office.audience if one.slug != audience.slug),
    )  # fmt: skip
    return page_passes(page, expected=expected)


def _made_from(pair: Pair, audience: Audience, office: Office) -> str:
    """Return a digest of all that a page is made from: two manifests, template, words and office."""
    parts = [
        pair.earlier.to_bytes(), pair.later.to_bytes(), (shipped("templates") / TEMPLATE).read_bytes(),
        "\0".join(
            (
                workbench.__version__, office.name, office.standing_note, office.week_starts,
                audience.marking, str(audience.count_threshold), *office.languages[:1],
            )
        ).encode("utf-8"),
    ]  # fmt: skip
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in parts)).hexdigest()


def _stamped(page: bytes, stamp: str) -> bytes:
    """Return a page with a digest of what it was made from and of itself in its head."""
    return page.replace(_BLANK, _seal(page, stamp), 1)


def _stands(file: Path, stamp: str) -> bool:
    """Whether a page is there as it was made, from just this."""
    try:
        page = file.read_bytes()
    except OSError:
        return False
    found = _STAMP.search(page)
    return found is not None and found[1] == _seal(page.replace(found[1], _BLANK, 1), stamp)


def _seal(page: bytes, stamp: str) -> bytes:
    return hashlib.sha256(stamp.encode("ascii") + page).hexdigest().encode("ascii")
