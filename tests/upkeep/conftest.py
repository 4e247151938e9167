"""A small office for the tests of backups: a pack, a draft, a ledger, a key of its own, no store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.commands import command
from tests.conftest import edit
from tests.publish.packs import files, manifest
from workbench import audit, sample
from workbench.config import Office, load
from workbench.keys import keys_of, write_public
from workbench.publish import drafts, pack

__all__ = ["command"]


@pytest.fixture
def small(tmp_path: Path) -> Office:
    """Return a fresh office, not a fictional one, with a pack, a draft, acts in its log and a ledger."""
    folder = tmp_path / "office"
    sample.blank(folder, name="Pemba office")
    edit(folder, {'private = "private"': 'private = "private" # what no reader gets'})
    office = load(folder)
    keys = keys_of(office)
    write_public(office)
    for root, status in ((office.path(office.outputs), "released"), (drafts.root(office), "draft")):
        content = files(status)
        said = manifest(content, status=status, area="area", fictional=False, version=1 + (status == "draft"))
        pack.write(root, said, content, first_language="en", keys=keys)
    for name in ("weekly_conflict", "public_summary"):
        audit.append(office, "approved_notebook", by="Head of desk", at=office.now(), notebook=name)
    ledger = office.path(office.private) / "scheduler" / "ledger.sqlite"
    ledger.parent.mkdir(parents=True)
    with closing(sqlite3.connect(ledger)) as opened, opened:
        opened.execute("CREATE TABLE done (slot TEXT)")
        opened.execute("INSERT INTO done VALUES ('2026-W46')")
    return office
