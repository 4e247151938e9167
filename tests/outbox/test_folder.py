"""A folder looks like the audience's own: whole, mended, without what was recalled, and of one audience."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.outbox.offices import NOW, READERS, Desk, content, delivery
from workbench import audit
from workbench.keys import keys_of
from workbench.outbox import again, failures, planned
from workbench.publish import pack, recall

PACK = "weekly_conflict/kestara/2026-W46/v1"
LATER = timedelta(minutes=6)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A share that is connected, with a folder of somebody else's."""
    folder = tmp_path / "share"
    (folder / "others").mkdir(parents=True)
    (folder / "others" / "budget.txt").write_text("theirs", encoding="utf-8")
    return folder


@pytest.fixture
def shelf(issued: Desk, share: Path) -> Desk:
    """The office, with a folder on the share for partners."""
    issued.say(delivery("shelf", "partners", "folder", path=(share / "partners").as_posix()))
    return issued


def outputs(desk: Desk, audience: str = "partners") -> dict[str, bytes]:
    """Return what lies in the outputs folder of an audience."""
    return content(desk.office.path("outputs") / audience)


def reasons(desk: Desk) -> list[str]:
    """Return the reasons of all that is open."""
    return [one.reason for one in failures(desk.office)]


def test_a_folder_holds_what_the_outputs_hold(shelf: Desk, share: Path) -> None:
    """Byte for byte; packs verify there; nothing of others is near; a second time nothing is written."""
    assert [one.content for one in planned(shelf.office, now=NOW)] == ["folder"]
    done = shelf.send()
    assert (done.copied, done.sent, done.failures) == (1, 0, ())
    assert content(share / "partners") == outputs(shelf)
    assert pack.verify(share / "partners" / PACK, public=keys_of(shelf.office).public) == ()
    held = b"".join(content(share).values())
    assert not [other for other in READERS if other != "partners" and f"zq{other}".encode() in held]
    before = {one: one.stat().st_mtime_ns for one in share.rglob("*")}
    assert shelf.send(after=LATER).copied == 0
    assert {one: one.stat().st_mtime_ns for one in share.rglob("*")} == before
    assert planned(shelf.office, now=NOW) == ()
    lines = [one.ids for one in audit.acts(shelf.office) if one.act == "sent"]
    assert [(one["delivery"], one["recipient"]) for one in lines] == [("shelf", "")]


def test_what_was_damaged_is_mended_and_what_is_others_stays(shelf: Desk, share: Path) -> None:
    """Changed and lost files come back; a file that somebody put beside them is left alone."""
    shelf.send()
    there = share / "partners"
    (there / PACK / "briefing.pdf").write_bytes(b"cut off")
    (there / PACK / "manifest.sig").unlink()
    (there / "index.html").write_text("defaced", encoding="utf-8")
    (there / "notes.txt").write_text("a reader's own", encoding="utf-8")
    (there / ".making-0123456789abcdef").mkdir()
    assert shelf.send(at_once=True).copied == 1
    (there / "notes.txt").unlink()
    assert content(there) == outputs(shelf)
    assert not (there / ".making-0123456789abcdef").exists()
    assert (share / "others" / "budget.txt").read_text(encoding="utf-8") == "theirs"


def test_what_nobody_wrote_to_is_read_once_a_day(shelf: Desk, share: Path) -> None:
    """Damage that keeps size and time is not seen at the next tick, but the next day, and by hand at once."""
    shelf.send()
    file = share / "partners" / PACK / "briefing.pdf"
    good, times = file.read_bytes(), file.stat()

    def damage() -> None:
        file.write_bytes(good.replace(b"pdf", b"PDF"))
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    damage()
    assert shelf.send(after=LATER).copied == 0
    assert shelf.send(after=timedelta(days=1)).copied == 1
    assert file.read_bytes() == good
    times = file.stat()
    shelf.send(after=timedelta(days=1))
    damage()
    assert shelf.send(after=timedelta(days=1), at_once=True).copied == 1


def test_a_page_that_is_no_more_leaves_the_folder(shelf: Desk, share: Path) -> None:
    """What the outputs hold beside the packs is there as long as it is in the outputs."""
    name = "compare-weekly_conflict-kestara-2026-W46-v1-with-2026-W45-v1.html"
    page = shelf.office.path("outputs") / "partners" / name
    page.write_text("two issues", encoding="utf-8")
    shelf.send()
    assert (share / "partners" / page.name).is_file()
    page.unlink()
    (share / "partners" / "theirs.html").write_text("a reader's own", encoding="utf-8")
    shelf.send()
    assert not (share / "partners" / page.name).exists()
    (share / "partners" / "theirs.html").unlink()
    assert content(share / "partners") == outputs(shelf)


def test_one_pack_that_cannot_be_put_keeps_no_recall_back(shelf: Desk, share: Path) -> None:
    """The others are put, the recalled one is replaced, and the index page says so."""
    shelf.send()
    shelf.release("partners", period="2026-W45")
    (share / "partners" / "weekly_conflict/kestara/2026-W45").write_text("in the way", encoding="utf-8")
    recall(shelf.office, shelf.office.path("outputs") / "partners" / PACK, by="Head", because="Wrong.")
    assert [one.reason for one in shelf.send().failures] == ["link"]
    assert "zqpartnerspdf" not in str(content(share))
    assert content(share / "partners")["index.html"] == outputs(shelf)["index.html"]


def test_a_recalled_issue_leaves_the_folder(shelf: Desk, share: Path) -> None:
    """Its notice stands there; also a copy that a synchronising program made under another name is gone."""
    shelf.send()
    folder = share / "partners" / PACK
    shutil.copy(folder / "briefing.pdf", folder / "briefing (conflicted copy).pdf")
    (folder / "desktop.ini").write_text("[.ShellClassInfo]", encoding="utf-8")
    recall(shelf.office, shelf.office.path("outputs") / "partners" / PACK, by="Head", because="Wrong.")
    done = shelf.send()
    assert (done.copied, done.failures) == (1, ())
    (folder / "desktop.ini").unlink()
    assert content(share / "partners") == outputs(shelf)
    assert b"zqpartners" not in b"".join(content(share).values())
    assert shelf.send().copied == 0
    (folder / "summary.txt").write_text("somebody's own words", encoding="utf-8")
    assert [one.reason for one in shelf.send(at_once=True).failures] == ["strangers"]
    assert (folder / "summary.txt").exists()


def test_a_pack_put_back_into_the_outputs_does_not_come_back(shelf: Desk, share: Path) -> None:
    """The log says it was recalled: the folder keeps, or gets, the notice and nothing else."""
    shelf.send()
    folder = shelf.office.path("outputs") / "partners" / PACK
    kept = content(folder)
    recall(shelf.office, folder, by="Head", because="Wrong.")
    shutil.rmtree(folder)
    folder.mkdir()
    for name, body in kept.items():
        (folder / name).write_bytes(body)
    assert shelf.send().failures == ()
    assert sorted(content(share / "partners" / PACK)) == ["briefing.html", "notice.json", "notice.sig"]
    assert pack.verify(share / "partners" / PACK, public=keys_of(shelf.office).public) == ()


def test_a_share_that_is_not_connected_is_not_made(shelf: Desk, share: Path) -> None:
    """Neither before the first copy nor, with an empty mount point in its place, after it."""
    away = share.with_name("away")
    share.rename(away)
    assert shelf.send().copied == 0
    assert reasons(shelf) == ["no_share"]
    assert not share.exists()
    away.rename(share)
    assert shelf.send(after=LATER).copied == 1
    assert reasons(shelf) == []
    (share / "partners").rename(share / "gone")
    (share / "partners").mkdir()
    assert shelf.send(after=LATER).copied == 0
    assert reasons(shelf) == ["emptied"]
    assert not list((share / "partners").iterdir())
    again(shelf.office, failures(shelf.office)[0].number)
    assert shelf.send(after=LATER).copied == 1
    assert content(share / "partners") == outputs(shelf)


def test_a_damaged_pack_is_not_copied(shelf: Desk, share: Path) -> None:
    """What is not as it was signed stays, and is told of; the copy that was made before stays whole."""
    shelf.send()
    before = content(share / "partners")
    page = shelf.office.path("outputs") / "partners" / PACK / "briefing.html"
    page.write_bytes(page.read_bytes() + b"?")
    assert [one.reason for one in shelf.send(at_once=True).failures] == ["not_whole"]
    assert content(share / "partners") == before
    page.write_bytes(page.read_bytes()[:-1])
    assert shelf.send(at_once=True).failures == ()


@pytest.mark.skipif(os.name == "nt", reason="links need a right there that few have")
def test_links_lead_nowhere(shelf: Desk, share: Path) -> None:
    """A link in the folder is not followed, nor one that makes the folder another's or the office's own."""
    (share / "partners").mkdir()
    (share / "partners" / "weekly_conflict").symlink_to(share / "others")
    assert [one.reason for one in shelf.send().failures] == ["link"]
    assert list((share / "others").iterdir()) == [share / "others" / "budget.txt"]
    shutil.rmtree(share / "partners")
    (share / "partners").symlink_to(shelf.office.path("outputs") / "leadership")
    assert [one.reason for one in shelf.send(at_once=True).failures] == ["own_folder"]
    (share / "partners").unlink()
    shelf.say(
        delivery("shelf", "partners", "folder", path=(share / "partners").as_posix())
        + delivery("other", "leadership", "folder", path=(share / "others").as_posix())
    )
    (share / "partners").symlink_to(share / "others")
    shelf.send(at_once=True)
    assert set(reasons(shelf)) == {"shared"}
    assert list((share / "others").iterdir()) == [share / "others" / "budget.txt"]


def test_a_sealed_folder_holds_nothing_in_clear(issued: Desk, share: Path) -> None:
    """One age file a pack and one of the pages, named by the week; a recall replaces it."""
    import pyrage

    key = pyrage.x25519.Identity.generate()
    there = share / "sealed"
    issued.say(
        delivery("s", "leadership", "folder", path=there.as_posix(), age_recipients=[str(key.to_public())])
    )
    assert issued.send().copied == 1

    def opened(pattern: str) -> dict[str, bytes]:
        [bundle] = there.glob(pattern)
        with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(bundle.read_bytes(), [key]))) as packed:
            return {name: packed.read(name) for name in packed.namelist()}

    assert opened("2026-W46-*.zip.age") | opened("index.zip.age") == outputs(issued, "leadership")
    held = content(share)
    assert not [
        word for word in (b"zqleadership", b"estara", b"CONFIDENTIAL") if word in b"".join(held.values())
    ]
    assert not [name for name in held if "estara" in name or "conflict" in name]
    issued.send(at_once=True)
    assert content(share) == held, "nothing is encrypted anew without a reason"
    recall(issued.office, issued.office.path("outputs") / "leadership" / PACK, by="Head", because="Wrong.")
    assert issued.send().copied == 1
    assert sorted(opened("2026-W46-*.zip.age")) == [
        f"{PACK}/briefing.html",
        f"{PACK}/notice.json",
        f"{PACK}/notice.sig",
    ]


def test_an_entry_taken_out_leaves_a_recalled_issue_behind(shelf: Desk) -> None:
    """Nobody replaces it there any more, so somebody is told, once."""
    shelf.send()
    shelf.say("")
    recall(shelf.office, shelf.office.path("outputs") / "partners" / PACK, by="Head", because="Wrong.")
    assert [one.reason for one in shelf.send().failures] == ["no_entry"]
    assert [one.reason for one in shelf.send().failures] == ["no_entry"]
