"""What is due, being made, waiting, done, late and failed; what was; and what is tried again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.commands import Command, command, refused
from tests.schedule.watched import DUE, ENTRY, LATE, drafted, failure, key, office_of, released, slot
from workbench import audit
from workbench.config import Office
from workbench.errors import ParameterError
from workbench.language import words
from workbench.schedule import (
    Chosen,
    Key,
    Ledger,
    alarms,
    coming_said,
    health,
    history,
    retry,
    status,
    status_json,
    this_process,
)

__all__ = ["command"]

EARLY = DUE + timedelta(minutes=10)
SOON = LATE + timedelta(minutes=1)
READERS = ["leadership", "internal", "unct", "partners"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office where nothing was made."""
    return office_of(tmp_path / "office")


def _ledger(office: Office) -> Ledger:
    return Ledger(office.path(office.scheduler.ledger))


def _fail(office: Office, one: Key, *, give_up: bool = False) -> None:
    ledger = _ledger(office)
    (lease,) = ledger.claim([slot(office, one)], owner=this_process(), now=DUE, seconds=600)
    again = None if give_up else EARLY + timedelta(minutes=5)
    ledger.failed(lease, failure(at=EARLY), now=EARLY, next_try_at=again)


def _states(office: Office, now: object = EARLY) -> dict[str, tuple[str, bool]]:
    return {one.slot.key.audience: (one.state, one.late) for one in status(office, now=now).lines}  # type: ignore[arg-type]  # an instant


def test_each_issue_is_in_the_state_that_the_disk_and_the_ledger_show(office: Office) -> None:
    """Due, running, failed, waiting for people and done; late all but the last after the alarm time."""
    assert _states(office) == dict.fromkeys(READERS, ("due", False))
    _ledger(office).claim(
        [slot(office, key(audience="leadership"))], owner=this_process(), now=DUE, seconds=7200
    )
    _fail(office, key(audience="internal"))
    drafted(office, key(audience="unct"))
    released(office, key(audience="partners"))
    words = ["running", "failed", "waits_for_people", "done"]
    assert _states(office) == dict(zip(READERS, [(one, False) for one in words], strict=True))
    assert _states(office, SOON) == dict(zip(READERS, [(one, one != "done") for one in words], strict=True))


def test_who_is_gone_works_no_more(office: Office) -> None:
    """A lease that ran out, or whose process of this machine ended, is not work: the issue is due again."""
    ours = slot(office, key(audience="leadership"))
    _ledger(office).claim([ours], owner=this_process(), now=DUE, seconds=60)
    assert _states(office)["leadership"] == ("due", False)
    machine, _, rest = this_process().rpartition("|")[0].rpartition("|")
    assert rest.isdigit()
    theirs = slot(office, key(audience="internal"))
    _ledger(office).claim([theirs], owner=f"{machine}|{2**22 + 7}|5.00", now=DUE, seconds=7200)
    assert _states(office)["internal"] == ("due", False)


def test_what_comes_is_told_in_plain_words(tmp_path: Path) -> None:
    """The next occasions on their entry's clock, with the briefings, the areas and how many editions."""
    summary = ENTRY.replace('"weekly"', '"summary"').replace("weekly_conflict", "public_summary")
    office = office_of(tmp_path / "office", entry=ENTRY + summary.replace("0 6 * * MON", "30 7 * * TUE"))
    found = status(office, now=EARLY).coming
    assert len(found) == 5
    said = [line for one in found for line in coming_said(one, office)]
    assert said[:3] == [
        "Tue 17 Nov 07:30 Africa/Kinshasa: public_summary for kestara, week 2026-W46, 1 edition",
        "Mon 23 Nov 06:00 Africa/Kinshasa: weekly_conflict for kestara, week 2026-W47, 4 editions",
        "Tue 24 Nov 07:30 Africa/Kinshasa: public_summary for kestara, week 2026-W47, 1 edition",
    ]
    both = ENTRY.replace('["weekly_conflict"]', '["weekly_conflict", "public_summary"]')
    several = office_of(tmp_path / "several", entry=both)
    (line,) = coming_said(status(several, now=EARLY).coming[0], several)
    when, _, what = line.partition(": ")
    assert when == "Mon 23 Nov 06:00 Africa/Kinshasa"
    assert what == "weekly_conflict, public_summary for kestara, week 2026-W47, 5 editions"


def test_what_the_rule_does_not_catch_up_on_is_missed_until_overtaken(tmp_path: Path) -> None:
    """An older week is shown as missed and left to people; once readers have a later one it is gone."""
    office = office_of(tmp_path / "office", entry=ENTRY.replace("11-15", "11-09"))
    found = {(one.slot.key.period, one.slot.key.audience): one for one in status(office, now=SOON).lines}
    assert found["2026-W45", "unct"].state == "missed"
    assert found["2026-W46", "unct"].state == "due"
    assert "workbench run weekly_conflict --area kestara --week 2026-W45" in [
        one.do.rpartition(": ")[2] for one in alarms(health(office, now=SOON), office, words("en"))
    ]
    released(office, key(audience="unct"))
    left = {(one.slot.key.period, one.slot.key.audience) for one in status(office, now=SOON).lines}
    assert ("2026-W45", "unct") not in left
    assert ("2026-W45", "internal") in left


KEYS = {
    "briefing", "area", "audience", "language", "week", "schedule", "due_at", "late_at", "state", "late",
    "people", "attempts", "owner", "next_try_at", "step", "exception",
}  # fmt: skip


def test_the_status_command_says_so(office: Office, command: Command) -> None:
    """Plain lines where the output is no terminal, with who works, what failed where, and what comes."""
    _ledger(office).claim(
        [slot(office, key(audience="leadership"))], owner="far[2]|7|60.00", now=LATE, seconds=86400
    )
    _fail(office, key(audience="internal"))
    _fail(office, key(audience="unct"), give_up=True)
    drafted(office, key(audience="partners"))
    where = ("--office", str(office.root))
    said = command("status", *where)
    assert said.code == 0
    lines = said.out.splitlines()
    begin = "weekly_conflict 2026-W46 kestara for"
    due = "Mon 16 Nov 06:00 Africa/Kinshasa"
    who = "by process 7 on far, since 1970-01-01 00:01 UTC, attempt 1"
    assert lines[0].startswith(f"{begin} leadership  {due}  being made  LATE  {who}")
    assert lines[1] == (
        f"{begin} internal  {due}  failed  LATE  run: BriefingFailed, after 1 attempt; "
        "next try 2026-11-16 05:15 UTC"
    )
    assert "given up  LATE  run: BriefingFailed, after 1 attempt; mend it, then: workbench retry" in lines[2]
    assert "waits for people  LATE  2 people release it" in lines[3]
    assert "4 issues: 1 being made, 1 waits for people, 1 failed, 1 given up; 4 late." in lines
    assert f"  {due.replace('16', '23')}: weekly_conflict for kestara, week 2026-W47, 4 editions" in lines
    told = json.loads(command("status", "--json", *where).out)
    assert told == json.loads(json.dumps(status_json(status(office, now=office.now()), office)))
    assert set(told) == {"at", "issues", "coming"}
    assert set(told["issues"][0]) == KEYS
    assert all(name in command("status", "--help").out for name in KEYS)


def test_what_failed_is_put_back_in_line(office: Office, command: Command) -> None:
    """Failed and given up issues of the choice are free at once, with all their tries; others stay."""
    _fail(office, key(audience="internal"))
    _fail(office, key(audience="unct"), give_up=True)
    where = ("--office", str(office.root))
    said = command("retry", "weekly_conflict", "--audience", "unct", "--week", "2026-W46", *where)
    assert said.out.splitlines() == [
        "back in line: weekly_conflict 2026-W46 kestara for unct (en)",
        "1 issue is tried again with the next tick; at once with: workbench tick",
    ]
    states = {one.slot.key.audience: (one.state, one.attempts) for one in _ledger(office).entries()}
    assert states == {"internal": ("failed", 1), "unct": ("waiting", 0)}
    assert "2 issues" not in command("retry", "--all", *where).out
    assert "Nothing of that has failed" in command("retry", "--all", *where).out


def test_an_issue_that_came_about_is_not_tried_again(office: Office) -> None:
    """Somebody made it by hand meanwhile: there is nothing to try."""
    _fail(office, key(audience="internal"), give_up=True)
    drafted(office, key(audience="internal"))
    assert retry(office, now=SOON, chosen=Chosen(), every=True) == ()


@pytest.mark.parametrize(
    "asked",
    [
        ("weekly",),
        ("--area", "north"),
        ("--audience", "press"),
        ("--all", "weekly_conflict"),
        (),
        ("--week", "46"),
    ],
)
def test_retry_refuses_what_the_office_has_not(
    office: Office, command: Command, asked: tuple[str, ...]
) -> None:
    """An unknown name is UnknownName with the known ones; nothing, or both ways of choosing, is none."""
    said = command("retry", *asked, "--office", str(office.root))
    unknown = asked and asked[0] in ("weekly", "--area", "--audience")
    refused(said, 11 if unknown else 12, "UnknownName" if unknown else "ParameterError")
    with pytest.raises(ParameterError):
        retry(office, now=SOON, chosen=Chosen(), every=False)


def test_history_tells_when_readers_had_what_and_how_late(office: Office, command: Command) -> None:
    """By the acts of release, whoever released; with the ledger's tries, and a mark where it was late."""
    _fail(office, key(audience="internal"))
    (lease,) = _ledger(office).claim(
        [slot(office, key(audience="internal"))], owner="us", now=LATE, seconds=600
    )
    released(office, key(audience="internal"), at=LATE + timedelta(minutes=12))
    _ledger(office).done(lease, now=LATE + timedelta(minutes=12), pack="outputs/x")
    edition = "internal/weekly_conflict/kestara/2026-W46/v2-en"  # a correction is no first issue
    audit.append(office, "corrected", by="Desk", at=LATE + timedelta(hours=9), edition=edition)
    released(office, key(audience="unct"), at=DUE + timedelta(minutes=5))
    found = {one.slot.key.audience: one for one in history(office, now=SOON, chosen=Chosen())}
    assert set(found) == set(READERS)
    assert (found["internal"].late, found["internal"].attempts) == (True, 2)
    assert found["internal"].delay == timedelta(minutes=72)
    assert (found["unct"].late, found["unct"].delay) == (False, timedelta(minutes=5))
    assert (found["partners"].late, found["partners"].published_at) == (True, None)
    said = command("history", "--audience", "internal", "--audience", "unct", "--office", str(office.root))
    assert said.out.splitlines() == [
        "weekly_conflict 2026-W46 kestara for internal  Mon 16 Nov 06:00 Africa/Kinshasa  "
        "2026-11-16 06:12 UTC, 1 h 12 min after  2 tries  LATE",
        "weekly_conflict 2026-W46 kestara for unct  Mon 16 Nov 06:00 Africa/Kinshasa  "
        "2026-11-16 05:05 UTC, 0 h 05 min after",
    ]
    last = command("history", "--last", "1", "--json", "--office", str(office.root))
    assert len(json.loads(last.out)) == 1
    refused(command("history", "--area", "north", "--office", str(office.root)), 11, "UnknownName")


def test_an_office_without_a_schedule_is_told_what_to_do(tmp_path: Path, command: Command) -> None:
    """Nothing is due, and the sentence says where a schedule is written."""
    office = office_of(tmp_path / "office", entry="")
    said = command("status", "--office", str(office.root))
    assert (said.code, said.out.startswith("No schedule is configured")) == (0, True)
    assert status(office, now=SOON).lines == ()
