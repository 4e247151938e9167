"""A small office at whose desk there is something of everything to decide."""

import csv
from pathlib import Path

from tests.desk.desk_office import REGISTER
from tests.pull_office import office_in
from workbench.config import Office, load
from workbench.desk import Seat, sit
from workbench.pull import pull_all
from workbench.view import store_of

HOSTILE = '<img src=x onerror="alert(1)"> & <b>bold</b>'
CANARY = "Qazwsxedc the ferryman"
BY, WHY = "Information analyst", "Read both reports"

AUDIENCE = """
[[audience]]
slug = "{slug}"
name = "{name}"
level = "{level}"
compartments = [{compartments}]
place_precision = "exact"
free_text = "full"
briefings = []
marking = "{name}"
release = "automatic"
"""
EVERYTHING = '"human_rights", "source_identity", "personnel", "protection", "exact_location"'
LOG = """
[[source]]
slug = "log"
title = "Log"
record = "incident"
reader = "table"
path = "log.csv"
licence = "None"
attribution = "Invented"
level = "public"

[source.constants]
date_precision = "day"
event_type = "armed_clash"
threat_category = "armed_conflict"

[source.columns]
record_id = "No"
occurred_on = "Day"
killed_best = "Dead"
district_given = "District"
headline = "Headline"
narrative = "Story"
verification = "Check"
source_grade = "Grade"
level = "Level"
compartments = "Groups"
"""
HEAD = ("No", "Day", "Dead", "District", "Headline", "Story", "Check", "Grade", "Level", "Groups")
ROWS = (
    ("1", "2026-11-10", "3", "Al Kuro", HOSTILE, CANARY, "reported", "B2", "internal", ""),
    ("2", "2026-11-10", "4", "Al Kuro", "Shots at the ferry", CANARY, "reported", "", "internal", ""),
    ("3", "2026-11-12", "many", "Al Kuro", "Set aside", CANARY, "reported", "", "internal", ""),
    ("4", "2026-11-12", "1", "Narreth", "Lost", CANARY, "reported", "", "internal", ""),
    ("5", "2026-11-13", "1", "Narreth", "Lost too", CANARY, "reported", "", "internal", ""),
    ("", "2026-11-13", "1", "Al Kuro", "No number", CANARY, "reported", "", "internal", ""),
    ("7", "2026-11-14", "0", "Órvane", "Held closely", CANARY, "reported", "", "confidential", "protection"),
    ("9", "2026-10-20", "0", "Al Kuro", "Weeks before", CANARY, "reported", "", "internal", ""),
    ("8", "2026-11-14", "x", "Órvane", "Held most closely", CANARY, "reported", "", "secret", ""),
)  # fmt: skip


def write(folder: Path, *rows: tuple[str, ...]) -> None:
    """Write the log as its keeper does."""
    with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])


def triage_office(folder: Path) -> Office:
    """Make the office in `folder`; its log is pulled, and nothing is decided."""
    registers = [REGISTER.format(name) for name in ("correction", "duplicate_decision", "label_change")]
    readers = [
        AUDIENCE.format(slug="all", name="All", level="strictly_confidential", compartments=EVERYTHING),
        AUDIENCE.format(slug="staff", name="Staff", level="confidential", compartments=""),
        AUDIENCE.format(slug="open", name="Open", level="public", compartments=""),
    ]
    office_in(folder, LOG, *registers, *readers, '\n[desk]\naudience = "all"\n')
    file = folder / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace('districts = ["XA0101"]', 'districts = ["XA0101", "XA0102", "XA0103"]')
    text = text.replace("fictional = true", "fictional = true\nfixed_clock = 2026-11-22T10:00:00Z")
    file.write_text(text, encoding="utf-8")
    write(folder, *ROWS)
    office = load(folder)
    _, failures = pull_all(office, store_of(office), None, at=office.now())
    assert not failures
    return office


def seat(audience: str = "", *, as_of: str = "", week: str = "2026-W46") -> Seat:
    """Sit down at the desk of the office whose folder this is."""
    return sit(area="", week=week, audience=audience, as_of=as_of, language="")
