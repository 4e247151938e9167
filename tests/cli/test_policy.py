"""`workbench policy show`, and what `workbench pull` says about labels."""

from __future__ import annotations

import json

import pytest

from tests.cli.commands import Command, refused
from workbench.audience import policy
from workbench.config import Office, load, shipped
from workbench.records import record_names, record_type

ROOT = shipped("workbench.toml").parent
READERS = ("leadership", "internal", "unct", "partners", "public")


@pytest.mark.parametrize("reader", READERS)
def test_every_column_is_told_with_its_reason(reader: str, command: Command) -> None:
    """The JSON holds each column of each record type once, as the policy has it, with plain words why."""
    told = json.loads(command("policy", "show", "--audience", reader, "--json", within=ROOT).out)
    office = load(ROOT)
    rules = policy(office, office.audience_called(reader))
    assert told["digest"] == rules.digest
    assert "recipients" not in told["audience"]
    columns = told["columns"]
    assert [(one["record"], one["column"], one["read"]) for one in columns] == [
        (rule.record, rule.column, rule.read) for rule in rules.rules
    ]
    assert all(one["why"] for one in columns)


@pytest.mark.parametrize("reader", READERS)
def test_the_page_names_all_columns(reader: str, command: Command) -> None:
    """The overview names every record type, and every column of each as seen or not seen."""
    said = command("policy", "show", "--audience", reader, within=ROOT)
    assert said.code == 0
    for name in record_names():
        part = said.out.split(f"\n{name}: ", 1)[1].split("\n\n", 1)[0]
        words = set(part.replace(",", " ").split())
        assert set(record_type(name).names) <= words


def test_what_partners_see_is_said_in_plain_words(command: Command) -> None:
    """For one record type each column has its line: seen or not, why, and what it needs."""
    said = command("policy", "show", "--audience", "partners", "--record", "incident", within=ROOT).out
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in said.splitlines() if line.strip()}
    assert lines["event_type"] == "yes as stored public kept"
    assert lines["actor1"] == "no above their level internal"
    assert lines["occurred_on"] == "yes as stored public the week only"
    assert "TLP:CLEAR" in said
    assert "FOR PARTNERS" in said


def test_the_public_is_given_counts_and_no_rows(command: Command) -> None:
    """Under a threshold no column of an incident is seen, and the page says which counts are not shown."""
    said = command("policy", "show", "--audience", "public", "--record", "incident", within=ROOT).out
    assert "none from 1 to 4 is shown" in said
    assert "given counts, and no incident rows" in said
    assert not [line for line in said.splitlines() if line.split()[1:2] == ["yes"]]


def test_without_an_audience_all_are_listed(command: Command) -> None:
    """One line for each audience of the office, in its order."""
    said = command("policy", "show", within=ROOT).out
    first = [line.split()[0] for line in said.splitlines()[1:] if line and not line.startswith(" ")]
    assert first[: len(READERS)] == list(READERS)
    assert [one["slug"] for one in json.loads(command("policy", "show", "--json", within=ROOT).out)] == list(
        READERS
    )


def test_a_name_nobody_knows_is_refused_with_the_known_ones(command: Command) -> None:
    """An unknown audience or record type, or a record type for no audience, is one message."""
    assert "leadership" in refused(
        command("policy", "show", "--audience", "press", within=ROOT), 11, "UnknownName"
    )
    one = command("policy", "show", "--audience", "unct", "--record", "event", within=ROOT)
    assert "incident" in refused(one, 11, "UnknownName")
    refused(command("policy", "show", "--record", "incident", within=ROOT), 12, "ParameterError")


def test_an_entry_that_does_not_hold_stops_every_command(own_office: Office, command: Command) -> None:
    """A [[column]] entry about nothing is named by any command that opens the office, and by the check."""
    file = own_office.root / "workbench.toml"
    entry = '[[column]]\nrecord = "incident"\ncolumn = "actor"\nlevel = "internal"\n\n# ---- Readers -'
    file.write_text(file.read_text(encoding="utf-8").replace("# ---- Readers -", entry, 1), encoding="utf-8")
    for words in (("list",), ("pull", "headcount"), ("policy", "show")):
        assert "incident.actor" in refused(command(*words, within=own_office.root), 16, "ConfigurationError")
    said = command("check", within=own_office.root)
    assert said.code == 18
    assert "PROBLEM  audience leadership" in said.out


def test_pull_says_which_labels_it_kept_and_what_to_do(own_office: Office, command: Command) -> None:
    """A row that comes back lower is told with its remedy; its record only where values are asked for."""
    file = own_office.root / "data/office/commitments.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(",Strictly confidential", ",Internal"), encoding="utf-8")
    said = command("pull", "commitments", within=own_office.root)
    assert "came with a lower label than the store holds" in said.out
    assert "data/office/label_changes.csv" in said.out
    assert "COM-2026-29" not in said.out + said.err
    told = command("pull", "commitments", "--details", within=own_office.root).out
    assert "COM-2026-29" in told
    assert "strictly_confidential" in told
