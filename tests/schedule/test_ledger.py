"""The ledger: one holder at a time, told from every earlier one; pauses, clocks that jump, damaged files."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from workbench.errors import StorageFull, UserError
from workbench.schedule import Failure, Key, Lease, Ledger, Slot, is_gone, this_process

NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 900.0
DUE = NOW - timedelta(hours=1)
ROUNDS = 200 if os.environ.get("WORKBENCH_LONG") else 4


def slot(audience: str = "internal") -> Slot:
    """Return an issue that was due an hour ago and is late in three."""
    key = Key("weekly_conflict", "kestara", audience, "2026-W46", "en")
    return Slot(DUE, key, "weekly", DUE + timedelta(hours=4))


def why(exception: str = "ValueError") -> Failure:
    """Return a failure of the second cell."""
    return Failure("run", exception, NOW, "Mend it.", cell=2, log="private/runs/one")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Return a ledger whose file, and its folder, are not there yet."""
    return Ledger(tmp_path / "private" / "scheduler" / "ledger.sqlite")


def one(ledger: Ledger, *, owner: str = "a", now: datetime = NOW) -> Lease | None:
    """Return a lease on the one issue, if it is to be had."""
    taken = ledger.claim([slot()], owner=owner, now=now, seconds=LEASE)
    return taken[0] if taken else None


def test_an_issue_is_one_owner_s_until_it_is_done(ledger: Ledger) -> None:
    """A second owner gets nothing; what is done is told with its pack, in time or late."""
    assert ledger.entries() == ()
    lease = one(ledger)
    assert lease is not None
    assert one(ledger, owner="b") is None
    assert ledger.holds(lease)
    assert ledger.done(lease, now=NOW + MINUTE, pack="outputs/internal/v1")
    (entry,) = ledger.entries()
    assert (entry.state, entry.pack, entry.late, entry.attempts) == ("done", "outputs/internal/v1", False, 1)
    assert (entry.slot, entry.finished_at, entry.owner) == (slot(), NOW + MINUTE, "")
    again = one(ledger, owner="b", now=NOW + timedelta(hours=4))  # its pack is gone, or it would not be due
    assert again is not None
    assert ledger.done(again, now=NOW + timedelta(hours=4), pack="outputs/internal/v2")
    assert ledger.entries()[0].late


def test_who_was_silent_for_too_long_has_lost_its_lease(ledger: Ledger) -> None:
    """After it ran out another gets it; the first can neither publish nor say anything of it any more."""
    first = one(ledger)
    second = one(ledger, owner="b", now=NOW + timedelta(seconds=LEASE))
    assert first is not None
    assert second is not None
    assert second.token > first.token
    assert (ledger.holds(first), ledger.holds(second)) == (False, True)
    late = NOW + timedelta(seconds=LEASE) + MINUTE
    assert ledger.renew([first, second], now=late, seconds=LEASE) == (
        replace(second, until=late + timedelta(seconds=LEASE)),
    )
    assert not ledger.done(first, now=late, pack="outputs/old")
    assert not ledger.failed(first, why(), now=late, next_try_at=None)
    ledger.release([first], now=late)
    assert ledger.holds(second)
    assert ledger.entries()[0].attempts == 1  # a try that was cut off with its process is none


def test_a_lease_that_only_ran_out_is_still_its_owner_s(ledger: Ledger) -> None:
    """A machine that slept goes on if nobody took over meanwhile."""
    lease = one(ledger)
    assert lease is not None
    awake = NOW + timedelta(hours=9)
    assert ledger.holds(lease)
    assert ledger.renew([lease], now=awake, seconds=LEASE)
    assert one(ledger, owner="b", now=awake + MINUTE) is None


CLAIM = """
import sys
from datetime import datetime
from pathlib import Path
from tests.schedule.test_ledger import LEASE, NOW, slot
from workbench.schedule import Ledger, this_process
owner = this_process()
assert Ledger(Path(sys.argv[1])).claim([slot()], owner=owner, now=NOW, seconds=LEASE)
print(owner, flush=True)
sys.stdin.read()
"""


def test_the_lease_of_a_killed_process_is_free_at_once(ledger: Ledger) -> None:
    """While its owner lives nobody else gets it; once it was killed, the next does, and at once."""
    command = [sys.executable, "-c", CLAIM, str(ledger.file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        assert not is_gone(owner)
        assert one(ledger, owner=this_process(), now=NOW + MINUTE) is None
        process.kill()
        process.wait()
    assert is_gone(owner)
    assert one(ledger, owner=this_process(), now=NOW + MINUTE) is not None


def test_only_processes_of_this_machine_are_known_to_be_gone() -> None:
    """An owner of another machine, or with a name nobody made, is never taken for gone; another start is."""
    machine, number, began = this_process().rsplit("|", 2)
    assert not is_gone(this_process())
    assert is_gone(f"{machine}|{number}|{float(began) - 60}")
    assert not is_gone(f"elsewhere|{number}|{float(began) - 60}")
    assert [is_gone(odd) for odd in ("", "a", "||", f"{machine}|x|y")] == [False] * 4


def test_a_failed_issue_waits_and_is_given_up(ledger: Ledger) -> None:
    """It is free after its pause and not before; given up it is left alone, until somebody says retry."""
    lease = one(ledger)
    assert lease is not None
    assert ledger.failed(lease, why(), now=NOW, next_try_at=NOW + 5 * MINUTE)
    assert ledger.entries()[0].failure == why()
    assert one(ledger, now=NOW + 4 * MINUTE) is None
    second = one(ledger, now=NOW + 5 * MINUTE)
    assert second is not None
    assert second.attempt == 2
    assert ledger.failed(second, why("KeyError"), now=NOW, next_try_at=None)
    assert ledger.entries()[0].state == "given_up"
    assert one(ledger, now=NOW + timedelta(days=30)) is None
    assert ledger.retry([slot().key, slot("partners").key], now=NOW) == (slot().key,)
    third = one(ledger)
    assert third is not None
    assert third.attempt == 1


@pytest.mark.parametrize("back", [timedelta(hours=3), timedelta(days=400)])
def test_a_clock_that_was_set_back_holds_nothing_up(ledger: Ledger, back: timedelta) -> None:
    """A lease and a pause that lie further ahead than any can are those of a wrong clock, and not trusted."""
    lease = one(ledger, owner="elsewhere|1|1.0")
    assert lease is not None
    assert one(ledger, owner="b", now=NOW - MINUTE) is None  # the clocks of two machines differ a little
    second = one(ledger, owner="b", now=NOW - back)
    assert second is not None
    assert not ledger.holds(lease)
    assert ledger.failed(second, why(), now=NOW, next_try_at=NOW + 5 * MINUTE)
    assert one(ledger, owner="b", now=NOW - MINUTE) is None
    assert one(ledger, owner="b", now=NOW - back) is not None


def test_what_others_made_is_noted(ledger: Ledger) -> None:
    """Of an issue found on the disk the folder is known; a live lease is left alone, a dead one is closed."""
    lease = one(ledger, owner="elsewhere|1|1.0")
    assert lease is not None
    found = {slot(): ("outputs/x", NOW), slot("partners"): ("outputs/y", DUE - 9 * MINUTE)}
    ledger.note(found, now=NOW + MINUTE)
    states = {entry.slot.key.audience: entry for entry in ledger.entries()}
    assert (states["internal"].state, states["partners"].state) == ("running", "done")
    assert (states["partners"].finished_at, states["partners"].late) == (DUE, False)
    ledger.note(found, now=NOW + timedelta(hours=5))
    (entry,) = ledger.entries([slot().key])
    assert (entry.state, entry.finished_at, entry.late) == ("done", NOW, False)  # when its lease was renewed
    assert not ledger.holds(lease)


def test_the_past_is_forgotten_but_not_what_is_at_work(ledger: Ledger) -> None:
    """What was due before an instant goes, unless somebody works on it."""
    assert ledger.forget(NOW) == 0
    assert not ledger.file.exists()
    lease = one(ledger)
    assert lease is not None
    ledger.note({slot("partners"): ("outputs/y", NOW)}, now=NOW)
    assert ledger.forget(NOW) == 1
    assert [entry.slot.key for entry in ledger.entries()] == [slot().key]


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all " * 100, "tail", "middle"], ids=["empty", "other", "tail", "middle"]
)
def test_a_damaged_ledger_is_set_aside(ledger: Ledger, damage: bytes | str) -> None:
    """It is kept with the reason, a new one is begun, and work goes on: what is due is seen on the disk."""
    for name in ("internal", "partners"):
        ledger.note({slot(name): ("outputs/x" * 200, NOW)}, now=NOW)
    content = ledger.file.read_bytes()
    half = len(content) // 2
    spoilt = {"tail": content[:half], "middle": content[:half] + b"\xff" * 999 + content[half + 999 :]}
    ledger.file.write_bytes(damage if isinstance(damage, bytes) else spoilt[damage])
    assert one(ledger) is not None
    assert [entry.slot for entry in ledger.entries()] == [slot()]
    aside = sorted(file.name for file in ledger.file.parent.glob("*.damaged-*"))
    assert len(aside) == (0 if damage == b"" else 2)  # an empty file is a new ledger


def test_a_ledger_of_another_version_is_refused_whole(ledger: Ledger) -> None:
    """What a later version wrote is set aside, not read by halves."""
    assert one(ledger) is not None
    with sqlite3.connect(ledger.file) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    assert ledger.entries() == ()
    assert list(ledger.file.parent.glob("*.damaged-*.txt"))


def test_a_full_disk_is_told_as_one(ledger: Ledger) -> None:
    """SQLite's own word for a full disk becomes StorageFull, and what was in the ledger stays."""
    assert one(ledger) is not None
    connection = sqlite3.connect(ledger.file)
    try:
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("PRAGMA max_page_count = 1").connection.execute(
                "CREATE TABLE more AS WITH RECURSIVE n(x) AS "
                "(SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9999) SELECT x FROM n"
            )
    finally:
        connection.close()
    assert isinstance(StorageFull.of(full.value, "here"), StorageFull)
    assert len(ledger.entries()) == 1


def test_a_ledger_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A folder in its place is an error of its reader, with the file and what to do."""
    (tmp_path / "ledger.sqlite").mkdir()
    with pytest.raises(UserError, match=r"ledger\.sqlite cannot be used .* local disk"):
        one(Ledger(tmp_path / "ledger.sqlite"))


def test_many_at_once_share_the_work_without_a_double(ledger: Ledger) -> None:
    """Eight threads, ten issues, rounds: in each, every issue is exactly one's, and no token comes twice."""
    wanted = [slot(f"reader_{number}") for number in range(10)]
    tokens: list[int] = []
    for number in range(ROUNDS):
        at = NOW + number * timedelta(hours=1)
        taken: list[Lease] = []
        start = threading.Barrier(8)

        def claim(
            owner: str, at: datetime = at, taken: list[Lease] = taken, start: threading.Barrier = start
        ) -> None:
            start.wait()
            mine = random.sample(wanted, len(wanted))  # an order of its own
            for one_slot in mine:
                taken.extend(ledger.claim([one_slot], owner=owner, now=at, seconds=LEASE))

        threads = [threading.Thread(target=claim, args=(f"t{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(lease.slot.key for lease in taken) == sorted(one_slot.key for one_slot in wanted)
        tokens += [lease.token for lease in taken]
    assert len(set(tokens)) == len(tokens) == 10 * ROUNDS


class Leases(RuleBasedStateMachine):
    """Any order of claims, renewals, ends, sleeps and jumps of the clock: never two who may publish."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.ledger = Ledger(Path(tempfile.mkdtemp()) / "ledger.sqlite")
        self.now, self.leases = NOW, list[Lease]()

    @rule(owner=st.sampled_from("abc"))
    def claim(self, owner: str) -> None:
        """Somebody asks for it."""
        self.leases += self.ledger.claim([slot()], owner=owner, now=self.now, seconds=LEASE)

    @rule(minutes=st.sampled_from([1, 16, 700, -5, -60, -5000]))
    def jump(self, minutes: int) -> None:
        """Time passes, or somebody sets the clock."""
        self.now += minutes * MINUTE

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), how=st.sampled_from(["done", "failed", "given up", "release", "renew"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """One of those who ever had it says something of it."""
        lease = data.draw(st.sampled_from(self.leases))
        before = [one_lease for one_lease in self.leases if self.ledger.holds(one_lease)]
        again = None if how == "given up" else self.now + 5 * MINUTE
        if how == "done":
            heard = self.ledger.done(lease, now=self.now, pack="outputs/x")
        elif how in ("failed", "given up"):
            heard = self.ledger.failed(lease, why(), now=self.now, next_try_at=again)
        elif how == "renew":
            heard = bool(self.ledger.renew([lease], now=self.now, seconds=LEASE))
        else:
            self.ledger.release([lease], now=self.now)
            return
        assert heard == (lease in before)

    @invariant()
    def one_holds(self) -> None:
        """At most one lease holds, and it is the last that was given."""
        holding = [lease for lease in self.leases if self.ledger.holds(lease)]
        assert holding in ([], self.leases[-1:])


Leases.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
test_whatever_happens_one_may_publish = Leases.TestCase
