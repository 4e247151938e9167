"""A small office with registers of the desk, and one that every test of them starts with."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.pull_office import log, office_in, write_log
from workbench.config import Office, load
from workbench.pull import pull_all
from workbench.store import Store
from workbench.view import store_of

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
BY, WHY = "Information analyst", "Read in the morning meeting"

REGISTER = """
[[source]]
slug = "desk_{0}"
title = "{0} of the desk"
record = "{0}"
reader = "register"
path = "desk/{0}.jsonl"
licence = "The office's own"
attribution = "Invented"
level = "internal"
"""
REGISTERS = ("correction", "duplicate_decision", "label_change", "liaison_entry")

ROWS = (
    (1, "2026-11-10", 3, "Orvane town"),
    (2, "2026-11-11", 0, "Al Kuro"),
    (3, "2026-11-12", "many", "Al Kuro"),
    (4, "2026-11-12", 1, "Narreth"),
)
"""Delivered: two good rows, one whose deaths are no number, one of a place nobody knows."""


def desk_office(folder: Path, *more: str) -> tuple[Office, Store]:
    """Return an office in `folder` that has pulled its log, and whose registers have no line yet."""
    office = office_in(folder, log(), *(REGISTER.format(name) for name in REGISTERS), *more)
    write_log(folder, *ROWS)
    store = store_of(office)
    _, failures = pull_all(office, store, None, at=AT)
    assert not failures
    return office, store


def again(made: Path, folder: Path) -> tuple[Office, Store]:
    """Return a copy in `folder` of an office that was made before: it has pulled already."""
    shutil.copytree(made, folder)
    office = load(folder)
    return office, store_of(office)
