"""`workbench deliver`: looks, tries, sends, and says what did not reach whom."""

from __future__ import annotations

import ssl
from pathlib import Path

from typer.testing import CliRunner

from tests.outbox.offices import READERS, Desk, delivery, mail
from tests.outbox.server import Mailbox
from workbench.cli import app
from workbench.errors import DeliveryFailed


def run(desk: Desk, *arguments: str) -> tuple[str, BaseException | None]:
    """Run `workbench deliver` and return what it said, and what it raised."""
    done = CliRunner().invoke(app, ["deliver", *arguments, "--office", str(desk.folder)])
    raised = done.exception if not isinstance(done.exception, SystemExit) else None
    return done.output, raised


def test_the_command(issued: Desk, box: Mailbox, trust: tuple[ssl.SSLContext, Path]) -> None:
    """A plan sends nothing; a test, a dispatch, and failures with their remedies; no address is shown."""
    assert "no [[delivery]]" in run(issued)[0]
    issued.say(delivery("to_partners", "partners", content="pdf"), mail(box.port, trust[1]))
    said, _ = run(issued, "--dry-run")
    assert "to_partners: partners/weekly_conflict/kestara/2026-W46/v1-en: pdf to 3 readers" in said
    assert not box.taken
    assert "1 sent" in run(issued, "--test")[0]
    box.refusals = {READERS["partners"][0]: "550 no"}
    said, raised = run(issued)
    assert "messages: 2" in said
    assert isinstance(raised, DeliveryFailed)
    listed, _ = run(issued, "--list")
    assert "refused, recipient 550" in listed
    assert "do: ask the reader" in listed
    number = listed.split()[1]
    box.refusals = {}
    said, raised = run(issued, "--again", number)
    assert ("messages: 1" in said, raised) == (True, None)
    assert run(issued, "--list")[0] == ""
    assert "Nothing is to be sent." in run(issued, "--dry-run")[0]
    assert not [one for one in READERS["partners"] if one in said + listed]
