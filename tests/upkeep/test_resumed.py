"""A scheduler that goes on from a backup: what was sent is not sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("aiosmtpd", reason="the extra [test]")

from tests.outbox.offices import NOW, Desk, delivery, desk, mail, password
from tests.outbox.server import Mailbox, certificates, serving
from workbench.upkeep import backup, restore


@pytest.fixture
def box(tmp_path: Path) -> Iterator[tuple[Mailbox, Path]]:
    """A mail server, and the file of the authority that made its certificate."""
    trust, authority = certificates(tmp_path)
    with serving(trust) as mailbox:
        yield mailbox, authority


def test_what_was_sent_before_the_backup_is_not_sent_again(box: tuple[Mailbox, Path], tmp_path: Path) -> None:
    """The restored outbox knows the issue that readers have; one released later goes out once."""
    mailbox, authority = box
    office = desk(tmp_path / "office")
    password(office.folder)
    office.release("partners")
    office.say(delivery("to_partners", "partners"), mail(mailbox.port, authority))
    assert office.send().sent == 3
    told = backup(office.office, tmp_path / "b.zip", now=NOW)
    assert told.contents.missing == ("private/mail.txt",)
    done = restore(told.file, tmp_path / "again")
    assert "secrets" in {one.part for one in done.findings if one.remedy is not None}
    again = Desk(done.folder)
    password(again.folder)
    assert (again.send(after=timedelta(hours=1)).sent, len(mailbox.taken)) == (0, 3)
    again.release("partners", period="2026-W47")
    assert again.send(after=timedelta(hours=2)).sent == 3
