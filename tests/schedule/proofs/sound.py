"""What must hold of an office at every instant, and what once a tick has come to its end."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.schedule.proofs.launcher import Started
from workbench import audit
from workbench.config import Office
from workbench.keys import keys_of
from workbench.publish import pack
from workbench.schedule import Entry, Ledger

_LINK = re.compile(r'href="(weekly/north/(\d{4}-W\d\d)/v\d+)/briefing\.html"')


def packs(office: Office, audience: str, *, drafts: bool = False) -> dict[str, Path]:
    """Return the only version of each week that an audience's folder shows, after checking that it is."""
    root = office.path(office.private) / "drafts" if drafts else office.path(office.outputs)
    area = root / audience / "weekly" / "north"
    found = {}
    for period in visible(area):
        versions = visible(period)  # none, if the folder was made and its pack was not
        assert [one.name for one in versions] in ([], ["v1"])
        found.update((period.name, one) for one in versions)
    return found


def visible(folder: Path) -> list[Path]:
    """Return what readers see in a folder, by name; nothing if it is not there."""
    return sorted(one for one in folder.glob("*") if not one.name.startswith("."))


def assert_sound(office: Office) -> None:
    """Check what holds at every instant: packs are whole and each issue's only one, and its page is whole."""
    public = keys_of(office).public
    for one in office.audience:
        shown = visible(office.path(office.outputs) / one.slug)
        assert {entry.name for entry in shown if entry.suffix != ".html"} <= {"weekly"}
        assert all(
            entry.read_text("utf-8").rstrip().endswith("</html>") for entry in shown if entry.is_file()
        )
        there = packs(office, one.slug)
        for folder in (*there.values(), *packs(office, one.slug, drafts=True).values()):
            assert pack.verify(folder, public=public) == ()
        listed = set(listed_weeks(office, one.slug))
        assert listed <= set(there)
        assert len(set(there) - listed) <= 1, "one issue at most may be without its line"


def listed_weeks(office: Office, audience: str) -> list[str]:
    """Return the weeks whose packs an index page links to; the page must be whole and lead somewhere."""
    page = office.path(office.outputs) / audience / "index.html"
    if not page.exists():
        return []
    text = page.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    found = {week: place for place, week in _LINK.findall(text)}
    assert all((page.parent / place / "briefing.html").is_file() for place in found.values())
    return sorted(found)


def assert_complete(office: Office, audience: str, weeks: Iterable[str], *, drafts: bool = False) -> None:
    """Check that exactly these weeks have an issue, one each, on the disk, in the ledger, log and index."""
    wanted = sorted(weeks)
    there = sorted(packs(office, audience, drafts=drafts))
    assert there == wanted, f"{there} is there, not {wanted}"
    if drafts:
        assert packs(office, audience) == {}
    else:
        assert listed_weeks(office, audience) == wanted
    known = entries(office, audience)
    assert sorted(known) == wanted
    assert {one.state for one in known.values()} <= {"done"}
    act = "drafted" if drafts else "released"
    acts = Counter(
        one.ids["edition"].split("/")[3]
        for one in audit.acts(office)
        if one.act in {act, "corrected"} and one.ids["edition"].startswith(f"{audience}/")
    )
    assert acts == dict.fromkeys(wanted, 1)


def assert_finished(last: Started, first: Started) -> None:
    """Check that a tick with room has left nothing open; if it has, say what both ticks said."""
    assert last.said
    said = [last.said.get(name) for name in ("failed", "waiting", "others", "busy")]
    assert said == [{}, 0, {}, False], f"{last.said} after {first.said}"


def entries(office: Office, audience: str) -> dict[str, Entry]:
    """Return what the ledger knows of an audience's issues, by week."""
    ledger = Ledger(office.path(office.scheduler.ledger))
    return {one.slot.key.period: one for one in ledger.entries() if one.slot.key.audience == audience}


def digests(*folders: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below folders, by path."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
