"""Servers refuse, hang up and lie; processes die: nothing is lost, nothing doubled, and analysts are told."""

from __future__ import annotations

import os
import sqlite3
import ssl
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from tests.outbox.offices import ANALYSTS, NOW, READERS, Desk, delivery, mail, password
from tests.outbox.server import Mailbox, certificates, serving
from tests.outbox.test_mail import whole
from workbench.errors import ConfigurationError, DeliveryFailed, ParameterError
from workbench.outbox import again, arrived, failures, try_server

FIRST, SECOND, THIRD = READERS["partners"]
LATER = timedelta(minutes=6)

CHILD = """
import os, sys
from pathlib import Path
from tests.outbox.offices import Desk
from workbench.outbox._ledger import Ledger
put, point = Ledger.put, sys.argv[2]
def dying(self, number, state, *rest, **more):
    if state == point:
        os._exit(9)
    put(self, number, state, *rest, **more)
Ledger.put = dying
Desk(Path(sys.argv[1])).send()
"""


def reasons(desk: Desk) -> list[tuple[str, str]]:
    """Return state and reason of all that is open."""
    return [(one.state, one.reason) for one in failures(desk.office)]


def test_one_refused_reader_stops_nobody(partners: Desk, box: Mailbox) -> None:
    """550 is final for that reader, 451 is tried again later; analysts are told of the first once, by ids."""
    box.refusals = {FIRST: f"550 no such user {FIRST}", SECOND: "451 try later"}
    done = partners.send()
    assert done.sent == 1
    assert reasons(partners) == [("refused", "recipient 550"), ("failed", "recipient 451")]
    assert [recipient for recipient, _ in box.taken] == [THIRD, ANALYSTS]
    told = whole(box.to(ANALYSTS)[0])
    assert "recipient 550" in told
    assert "recipient 451" not in told, "what may pass by itself is told from its second time"
    assert not [
        word for word in (*READERS["partners"], "Kestara", "zqpartners", "no such user") if word in told
    ]
    box.refusals = {FIRST: "550 gone"}
    assert partners.send(after=timedelta(minutes=1)).sent == 0, "not before its next try"
    assert partners.send(after=LATER).sent == 1
    assert [recipient for recipient, _ in box.taken] == [THIRD, ANALYSTS, SECOND]
    box.refusals = {}
    [one] = failures(partners.office)
    again(partners.office, one.number)
    assert partners.send(after=timedelta(days=30)).sent == 1, "a person says so, however old it is"
    assert (len(box.to(FIRST)), failures(partners.office)) == (1, ())


def test_a_refusal_that_lasts_is_told_and_given_up(partners: Desk, box: Mailbox) -> None:
    """The pauses grow; the second time it is told; when the issue is too old it is given up, and told."""
    box.refusals = {FIRST: "451 later"}
    partners.send()
    partners.send(after=LATER)
    [one] = failures(partners.office)
    assert (one.attempts, one.next_try_at) == (2, NOW + LATER + timedelta(minutes=10))
    assert len(box.to(ANALYSTS)) == 1
    partners.send(after=timedelta(days=1))
    assert len(box.to(ANALYSTS)) == 1
    partners.send(after=timedelta(days=9))
    assert reasons(partners) == [("given_up", "recipient 451")]
    assert len(box.to(ANALYSTS)) == 2
    arrived(partners.office, one.number)
    assert failures(partners.office) == ()
    with pytest.raises(ParameterError, match="Open: none"):
        again(partners.office, one.number)


def test_hung_up_in_the_middle_it_is_sent_again(partners: Desk, box: Mailbox) -> None:
    """A message without its end is no message: it goes again later, and comes once."""
    partners.readers("partners", SECOND)
    partners.release("partners", version=2, pdf=b"%PDF" + os.urandom(4_000_000))
    box.hang_up = {SECOND: "data"}
    assert partners.send().sent == 0
    assert reasons(partners) == [("failed", "disconnected")]
    box.hang_up = {}
    assert partners.send(after=LATER).sent == 1
    assert [recipient for recipient, _ in box.taken] == [SECOND]


def test_hung_up_after_the_end_nobody_knows(partners: Desk, box: Mailbox) -> None:
    """It may have left, so it is not sent again by itself; a person asks the reader and says which."""
    box.hang_up = {SECOND: "end"}
    assert partners.send().sent == 2
    assert reasons(partners) == [("unknown", "no_answer")]
    [one] = failures(partners.office)
    assert f"{one.number}  to_partners" in whole(box.to(ANALYSTS)[0])
    assert "--again NUMBER" in whole(box.to(ANALYSTS)[0])
    box.hang_up = {}
    assert partners.send(after=timedelta(days=2)).sent == 0
    assert len(box.to(SECOND)) == 1
    again(partners.office, one.number)
    assert partners.send().sent == 1
    before, after = box.to(SECOND)
    assert before["Message-ID"] == after["Message-ID"]
    assert failures(partners.office) == ()


@pytest.mark.parametrize(("answer", "state"), [("452 full", "failed"), ("554 no", "refused")])
def test_refused_after_the_end(partners: Desk, box: Mailbox, answer: str, state: str) -> None:
    """An answer after the last dot is an answer: later or never, and nothing is unknown."""
    box.answer = answer
    assert partners.send().sent == 0
    assert {one for one, _ in reasons(partners)} == {state}
    box.answer = "250 taken"
    assert partners.send(after=LATER).sent == (3 if state == "failed" else 0)


@pytest.mark.parametrize(
    ("point", "sent_again", "left"),
    [("handing", True, []), ("sent", False, [("unknown", "interrupted")])],
)
def test_killed_between_sending_and_writing_down(
    partners: Desk, box: Mailbox, point: str, *, sent_again: bool, left: list[tuple[str, str]]
) -> None:
    """Killed before the end of a message it goes again; killed after it, before its line, it does not."""
    root = Path(__file__).parents[2]
    died = subprocess.run(
        [sys.executable, "-c", CHILD, str(partners.folder), point], cwd=root, check=False,
        capture_output=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert died.returncode == 9, died.stderr.decode()
    assert len(box.taken) == (0 if sent_again else 1)
    done = partners.send()
    assert done.sent == (3 if sent_again else 2)
    assert reasons(partners) == left
    assert [len(box.to(one)) for one in READERS["partners"]] == [1, 1, 1]


def test_a_lost_or_damaged_ledger_sends_nothing_twice(partners: Desk, box: Mailbox) -> None:
    """What was sent is taken from the audit log; the damaged file is put aside."""
    partners.send()
    file = partners.folder / "private" / "outbox.sqlite"
    file.unlink()
    assert partners.send().sent == 0
    file.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert partners.send().sent == 0
    assert len(box.taken) == 3
    assert file.with_name("outbox.damaged-1.sqlite").is_file()
    with sqlite3.connect(file) as base:
        assert base.execute("SELECT count(*) FROM entry WHERE state = 'sent'").fetchone() == (3,)
    base.close()


def test_two_dispatches_do_not_work_at_once(partners: Desk, box: Mailbox) -> None:
    """The second does nothing, and says so."""
    with FileLock(partners.folder / "private" / ".outbox.lock"):
        assert partners.send().busy
    assert not box.taken
    assert partners.send().sent == 3


def test_an_unknown_authority_is_no_server(issued: Desk, box: Mailbox, tmp_path: Path) -> None:
    """A certificate that no trusted authority made gets neither password nor issue."""
    _, other = certificates(tmp_path / "other")
    issued.say(delivery("p", "partners"), mail(box.port, other))
    assert issued.send().sent == 0
    assert reasons(issued) == [("failed", "tls")] * 3
    assert not box.hello


def test_a_certificate_of_another_host_is_none(issued: Desk, tmp_path: Path) -> None:
    """The name in the certificate must be that of [mail] host."""
    context, trusted = certificates(tmp_path / "other", host="mail.other.example")
    with serving(context) as box:
        issued.say(delivery("p", "partners"), mail(box.port, trusted))
        assert issued.send().sent == 0
        assert reasons(issued) == [("failed", "tls")] * 3


def test_without_starttls_nothing_is_said(issued: Desk, trust: tuple[ssl.SSLContext, Path]) -> None:
    """A server, or somebody between, that offers no TLS does not get the password in clear."""
    with serving(None, security="none") as box:
        issued.say(delivery("p", "partners"), mail(box.port, trust[1]))
        assert issued.send().sent == 0
        assert reasons(issued) == [("failed", "tls")] * 3
        assert not box.hello


def test_passwords(partners: Desk, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong one fails, one that others may read is not used, one of the environment is; none is shown."""
    password(partners.folder, "wrong horse")
    with pytest.raises(DeliveryFailed, match="login 535") as refused:
        try_server(partners.office, now=NOW)
    assert "wrong horse" not in str(refused.value)
    partners.send()
    assert reasons(partners) == [("failed", "login 535")] * 3
    password(partners.folder)
    if os.name != "nt":
        (partners.folder / "private" / "mail.txt").chmod(0o644)
        with pytest.raises(DeliveryFailed, match="password"):
            try_server(partners.office, now=NOW)
    monkeypatch.setenv("WORKBENCH_MAIL", "correct horse")
    file = partners.folder / "workbench.toml"
    text = file.read_text(encoding="utf-8").replace("file:private/mail.txt", "env:WORKBENCH_MAIL")
    file.write_text(text, encoding="utf-8")
    assert try_server(partners.office, now=NOW) == 1
    [(recipient, message)] = box.taken
    assert (recipient, message["Subject"]) == (ANALYSTS, "Briefings: a test")
    assert partners.send(at_once=True).sent == 3
    partners.say("", "")
    with pytest.raises(ConfigurationError, match=r"\[mail\]"):
        try_server(partners.office, now=NOW)


def test_no_server_at_all(partners: Desk, box: Mailbox, trust: tuple[ssl.SSLContext, Path]) -> None:
    """Nobody listens: all waits; once there is one, all goes and is settled."""
    partners.say(delivery("to_partners", "partners"), mail(1, trust[1]))
    assert partners.send().sent == 0
    partners.send(after=LATER)
    assert reasons(partners) == [("failed", "connect")] * 3
    partners.say(delivery("to_partners", "partners"), mail(box.port, trust[1]))
    assert partners.send(after=timedelta(hours=1)).sent == 3
    assert failures(partners.office) == ()


def test_a_withheld_pack_that_was_corrected_is_no_failure_any_more(partners: Desk, box: Mailbox) -> None:
    """What kept version 1 back ends with version 2, which every reader gets."""
    page = partners.office.path("outputs/partners/weekly_conflict/kestara/2026-W46/v1/briefing.pdf")
    page.write_bytes(b"%PDF of somebody else")
    partners.send()
    assert reasons(partners) == [("failed", "not_whole")]
    partners.release("partners", version=2)
    done = partners.send()
    assert (done.sent, done.failures) == (3, ())
    assert b"somebody else" not in b"".join(box.raw)


def test_a_server_that_does_not_answer(
    partners: Desk, box: Mailbox, trust: tuple[ssl.SSLContext, Path]
) -> None:
    """After `time_limit` it counts as a time-out, and the message goes later."""
    partners.readers("partners", FIRST)
    quick = mail(box.port, trust[1]).replace("time_limit = 5", "time_limit = 1")
    partners.say(delivery("to_partners", "partners"), quick)
    box.pause = 2
    assert partners.send().sent == 0
    assert reasons(partners) == [("failed", "time_out")]
    box.pause = 0
    assert partners.send(after=LATER).sent == 1
    assert len(box.taken) == 1


def test_what_was_corrected_before_it_left_is_dropped(partners: Desk, box: Mailbox) -> None:
    """A version that never arrived is not sent after the one that corrects it, and is no failure."""
    box.refusals = {FIRST: "451 later", SECOND: "550 no"}
    partners.send()
    box.refusals = {}
    partners.release("partners", version=2)
    assert partners.send(after=LATER).sent == 3
    assert failures(partners.office) == ()
    assert [len(box.to(one)) for one in READERS["partners"]] == [1, 1, 2]
