"""Every command: what it does, what it says, and how it refuses."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

import workbench
from tests import small_notebook
from tests.cli.commands import Command, refused
from tests.conftest import edit
from workbench import sample
from workbench.cli import app
from workbench.config import Office, load
from workbench.view import store_of

COMMANDS = (
    "demo", "init", "check", "pull", "run", "list", "policy", "release", "recall", "verify", "audit", "gate",
    "approve", "lookup", "kernel", "store", "tick", "serve", "schedule", "status", "history", "retry",
    "health", "deliver", "tidy", "backup", "restore", "docs", "lab", "new", "preview",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(name: str, command: Command) -> None:
    """The help of each command names its arguments and ends its text with a line to copy."""
    said = command(name, "--help")
    assert said.code == 0
    assert f"Example: workbench {name}" in said.out
    assert "--help" in said.out


def test_the_commands_are_these() -> None:
    """No command is left untested here."""
    from typer.main import get_command

    assert set(get_command(app).commands) == set(COMMANDS)  # type: ignore[attr-defined]  # an app with several commands is a group


def test_the_version_is_that_of_the_package(command: Command) -> None:
    """`--version` says which workbench this is."""
    assert command("--version").out == f"workbench {workbench.__version__}\n"


def test_without_a_command_the_help_is_shown(command: Command) -> None:
    """Nothing to do is code 2, with the list of commands; so is an unknown option, with a hint."""
    said = command()
    assert said.code == 2
    assert all(name in said.out + said.err for name in COMMANDS)
    said = command("list", "--colour")
    assert said.code == 2
    assert "workbench list --help" in said.err
    assert "Traceback" not in said.err


def test_the_program_ends_with_the_code_of_its_error(tmp_path: Path) -> None:
    """As a program of its own, too: 16 outside an office, one message, nothing else."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from workbench.cli import main; main()", "list"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 16
    assert done.stdout == ""
    assert re.fullmatch(r"ConfigurationError: Neither .* holds a workbench\.toml\. .*init DIR\n", done.stderr)


@pytest.mark.parametrize("name", ["check", "list", "pull", "run"])
def test_outside_an_office(name: str, command: Command, tmp_path: Path) -> None:
    """Each command that needs an office says where it looked, and how to name or make one."""
    arguments = [name, *(["weekly_conflict"] if name == "run" else [])]
    message = refused(command(*arguments, within=tmp_path), 16, "ConfigurationError")
    assert "--office" in message
    assert "workbench init" in message
    message = refused(
        command(*arguments, "--office", str(tmp_path / "none")), 18 if name == "check" else 16,
        "CheckFailed" if name == "check" else "ConfigurationError",
    )  # fmt: skip
    assert name == "check" or "workbench.toml" in message


def test_an_office_is_found_from_inside(own_office: Office, command: Command) -> None:
    """From any folder of an office its configuration is found."""
    assert command("list", within=own_office.path("notebooks")).code == 0


def test_a_damaged_store_has_a_code_of_its_own(own_office: Office, command: Command) -> None:
    """A store that cannot be read is code 20, and what was damaged is named."""
    [log, *_] = sorted(own_office.path("store/incident/_delta_log").glob("*.json"))
    log.write_text("not a log", encoding="utf-8")
    said = command("run", "weekly_conflict", "--audience", "internal", "--office", str(own_office.root))
    assert said.code == 20
    assert "StoreError" in said.err


# --- init ----------------------------------------------------------------------------------------


def test_init_makes_an_office_that_passes_its_check(command: Command, tmp_path: Path) -> None:
    """A new office is complete: it loads, its check finds nothing, and its sources can be pulled."""
    folder = tmp_path / "Büro"
    said = command("init", str(folder), "--name", 'Büro "Nord"')
    assert said.code == 0
    assert "workbench check --office" in said.out
    office = load(folder)
    assert office.name == 'Büro "Nord"'
    assert not office.fictional
    checked = command("check", "--office", str(folder))
    assert checked.code == 0, checked
    assert "PROBLEM" not in checked.out
    assert re.search(r"All \d+ checks passed\.", checked.out)
    assert command("pull", "--office", str(folder)).code == 0
    listed = command("list", "--office", str(folder))
    assert listed.out.count("none yet") == len(office.audience)


def test_init_overwrites_nothing(command: Command, tmp_path: Path) -> None:
    """A second init leaves every file as it is; --notebooks brings back a missing one only."""
    folder = tmp_path / "office"
    command("init", str(folder))
    (folder / "data" / "incidents.csv").write_text("mine", encoding="utf-8")
    notebook = folder / "notebooks" / "weekly_conflict.ipynb"
    notebook.unlink()
    (folder / "assessments" / "example.md").unlink()
    said = command("init", str(folder), "--notebooks")
    assert said.out == f"made {notebook}\n"
    assert not (folder / "assessments" / "example.md").exists()
    assert command("init", str(folder), "--notebooks").out == "Nothing was missing.\n"
    assert "made" in command("init", str(folder)).out
    assert (folder / "data" / "incidents.csv").read_text(encoding="utf-8") == "mine"


def test_init_needs_a_usable_name(command: Command, tmp_path: Path) -> None:
    """A name that no page could show is refused before a folder is made."""
    refused(command("init", str(tmp_path / "office"), "--name", "  "), 12, "ParameterError")
    assert not (tmp_path / "office").exists()


# --- check ---------------------------------------------------------------------------------------

LEVEL = 'level = "public"\n\n[source.columns]\nrecord_id = "event_id"'
PROBLEMS: dict[str, tuple[dict[str, str], str, str]] = {
    "a misspelt key": ({"time_zone =": "timezone ="}, "configuration", "timezone"),
    "not TOML": ({'name = "Kestara field office"': "name = Kestara"}, "configuration", "TOML"),
    "an unknown level": ({'level = "confidential"\ncompartments = []': 'level = "secret"\ncompartments = []'},
                         "configuration", "secret"),
    "no boundaries": ({"geography/districts": "geography/none"}, "boundaries", "none.geojson"),
    "a district nobody knows": ({'"KS0108"]': '"KS0108", "KS0199"]'}, "area kestara", "KS0199"),
    "a language without words": ({'languages = ["en"]': 'languages = ["en", "tlh"]'}, "language tlh", "tlh"),
    "a file that is not there": ({"data/meridian/incidents.csv": "data/meridian/none.csv"}, "source meridian",
                                 "none.csv"),
    "a column that is not there": ({'record_id = "event_id"': 'record_id = "EventId"'}, "source meridian",
                                   "EventId"),
    "a column of no record": ({'record_id = "event_id"': 'record_id = "event_id"\ncolour = "kind"'},
                              "source meridian", "colour"),
    "a reader nobody knows": ({'reader = "table"\npath = "data/m': 'reader = "oracle"\npath = "data/m'},
                              "source meridian", "oracle"),
    "a notebook that is not there": ({"notebooks/weekly_conflict.ipynb": "notebooks/none.ipynb"},
                                     "briefing weekly_conflict", "none.ipynb"),
    "a briefing nobody receives": ({"[[briefing]]\n": '[[briefing]]\nslug = "daily"\ntitle = "D"\nnotebook = '
                                    '"notebooks/weekly_conflict.ipynb"\n\n[[briefing]]\n'},
                                   "briefing daily", "no audience receives it"),
    "a folder that is a file": ({'fictional = true': 'fictional = true\noutputs = "workbench.toml"'},
                                "outputs folder", "workbench.toml"),
}  # fmt: skip


@pytest.mark.parametrize("problem", PROBLEMS)
def test_check_names_each_problem_with_its_remedy(problem: str, own_office: Office, command: Command) -> None:
    """What was planted is found where it is, with what to do; the code is 18."""
    replaced, part, said_of_it = PROBLEMS[problem]
    edit(own_office.root, replaced)
    said = command("check", "--office", str(own_office.root))
    refused(said, 18, "CheckFailed")
    lines = said.out.splitlines()
    [at] = [n for n, line in enumerate(lines) if line.startswith("PROBLEM")]
    assert lines[at].startswith(f"PROBLEM  {part}: ")
    told = "\n".join(lines[at:])
    assert said_of_it in told
    assert "         do: " in told


def test_check_finds_several_problems_at_once(own_office: Office, command: Command) -> None:
    """One problem does not hide the others: missing file, broken notebook and wrong parameters in one go."""
    own_office.path("data/concord/archive.csv").unlink()
    own_office.path("data/office/liaison_log.xlsx").write_bytes(b"no workbook")
    small_notebook.write(own_office.path("notebooks/weekly_conflict.ipynb"), parameters='area = ""')
    said = command("check", "--office", str(own_office.root))
    assert "3 of" in refused(said, 18, "CheckFailed")
    assert said.out.count("PROBLEM") == 3
    assert "lacks week" in said.out


def test_check_changes_nothing(own_office: Office, command: Command) -> None:
    """The sample office passes, and every file is as it was."""
    before = {file: file.read_bytes() for file in own_office.root.rglob("*") if file.is_file()}
    assert command("check", "--office", str(own_office.root)).code == 0
    assert {file: file.read_bytes() for file in own_office.root.rglob("*") if file.is_file()} == before


# --- pull ----------------------------------------------------------------------------------------


def cut(office: Office, rows: int) -> None:
    """Leave only so many rows of Meridian's file."""
    file = office.path("data/meridian/incidents.csv")
    lines = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(lines[: rows + 1])


def test_pull_reports_each_source(own_office: Office, command: Command) -> None:
    """A line for each source with what it held; the same files again are all unchanged."""
    said = command("pull", "--office", str(own_office.root))
    assert said.code == 0
    rows = {line.split()[0]: line.split()[1:] for line in said.out.splitlines()}
    assert rows["Source"] == ["Read", "New", "Changed", "Withdrawn", "Unchanged", "Rejected", "Unmatched"]
    assert set(rows) == {"Source", *(source.slug for source in own_office.source)}
    read, new, changed, withdrawn, unchanged, rejected, _ = rows["meridian"]
    assert (new, changed, withdrawn, rejected) == ("0", "0", "0", "4")
    assert int(read.replace(",", "")) == int(unchanged.replace(",", "")) + 4
    assert "pulling meridian" in said.err


def test_pull_takes_the_sources_named(own_office: Office, command: Command) -> None:
    """Only what is named is pulled; an unknown name is refused before anything is."""
    said = command("pull", "alerts", "liaison", "--office", str(own_office.root))
    assert [line.split()[0] for line in said.out.splitlines()] == ["Source", "liaison", "alerts"] or [
        line.split()[0] for line in said.out.splitlines()
    ] == ["Source", "alerts", "liaison"]
    cut_off = store_of(own_office).cut_off(own_office.now() + (sample.DELIVERIES[1] - sample.DELIVERIES[0]))
    said = command("pull", "alerts", "twitter", "--office", str(own_office.root))
    assert 'no source "twitter"' in refused(said, 11, "UnknownName")
    assert "meridian" in said.err
    assert cut_off == store_of(own_office).cut_off(
        own_office.now() + (sample.DELIVERIES[1] - sample.DELIVERIES[0])
    )


def test_pull_lists_what_it_set_aside_only_when_asked(own_office: Office, command: Command) -> None:
    """Values of rejected rows and unmatched places are for a screen; a log gets their counts alone."""
    said = command("pull", "meridian", within=own_office.root)
    assert "Brindeck" not in said.out + said.err
    assert "workbench pull --details" in said.err
    told = command("pull", "meridian", "--details", within=own_office.root).out
    assert re.search(r"incidents.csv +\d+ +killed_best +-2 +is less than 0", told)
    assert re.search(r"incidents.csv +\d+ +record_id +is missing", told)
    assert re.search(r"meridian +Outer Brindeck +1", told)


def test_pull_refuses_a_delivery_that_shrank(own_office: Office, command: Command) -> None:
    """Far fewer rows than last time are refused, with the way to accept them; then they are taken."""
    cut(own_office, 30)
    office = ("--office", str(own_office.root))
    message = refused(command("pull", "meridian", *office), 17, "ShrinkRefused")
    assert "holds 30 rows" in message
    assert "workbench pull meridian --accept-shrink" in message
    assert "Nothing was stored" in message
    said = command("pull", "meridian", "--accept-shrink", *office)
    assert said.code == 0
    read, new, _, withdrawn, *_ = said.out.splitlines()[1].split()[1:]
    assert (read, new) == ("30", "0")
    assert int(withdrawn.replace(",", "")) > 500


def test_one_failing_source_does_not_stop_the_others(own_office: Office, command: Command) -> None:
    """Each failure is one message, the rest is pulled and reported, and the code is the last failure's."""
    own_office.path("data/concord/archive.csv").unlink()
    cut(own_office, 30)
    said = command("pull", "--office", str(own_office.root))
    assert said.code == 10
    assert "ShrinkRefused: [[source]] meridian" in said.err
    assert "SourceError: " in said.err
    assert "Traceback" not in said.err
    pulled = {line.split()[0] for line in said.out.splitlines()} - {"Source"}
    assert pulled == {source.slug for source in own_office.source} - {"meridian", "concord"}


# --- run and list --------------------------------------------------------------------------------


@pytest.fixture
def quick(own_office: Office) -> Office:
    """Return an office of the test's own whose weekly briefing is a small notebook."""
    small_notebook.put(own_office, small_notebook.COUNTS)
    return own_office


def test_run_publishes_and_list_shows_it(quick: Office, command: Command) -> None:
    """Before an issue list says so; run tells where it went; list shows week, version and instant."""
    office = ("--office", str(quick.root))
    assert command("list", *office).out.count("none yet") == 9
    said = command("run", "weekly_conflict", "--audience", "internal", *office)
    assert said.code == 0, said.err
    place = "outputs/internal/weekly_conflict/kestara/2026-W46/v1"
    assert said.out == f"weekly_conflict 2026-W46 kestara for internal: published, version 1: {place}\n"
    assert (quick.root / place / "briefing.html").is_file()
    listed = command("list", *office).out
    assert re.search(r"weekly_conflict +kestara +internal +2026-W46 v1 +2026-11-16 06:00 +released", listed)
    assert listed.count("none yet") == 8

    again = ("run", "weekly_conflict", "--week", "2026-W46", "--audience", "internal", *office)
    assert f"for internal: unchanged: version 1 stands: {place}\n" in command(*again).out
    assert f"for internal: made again, byte for byte: {place}\n" in command(*again, "--force").out
    earlier = command(
        "run", "weekly_conflict", "--week", "2026-W45", "--as-of", "2026-11-16T06:00Z", "--area", "kestara",
        "--audience", "internal", "--language", "en", *office,
    )  # fmt: skip
    assert "2026-W45 kestara for internal: published, version 1" in earlier.out
    assert "2026-W46 v1" in command("list", *office).out


WRONG: dict[str, tuple[list[str], int, str, str]] = {
    "briefing": (["daily"], 11, "UnknownName", "weekly_conflict"),
    "audience": (["weekly_conflict", "--audience", "all"], 11, "UnknownName", "partners"),
    "area": (["weekly_conflict", "--area", "atlantis"], 11, "UnknownName", "kestara"),
    "language": (["weekly_conflict", "--language", "tlh"], 11, "UnknownName", "en"),
    "week": (["weekly_conflict", "--week", "last"], 12, "ParameterError", "2026-W46"),
    "week to come": (["weekly_conflict", "--week", "2027-W01"], 12, "ParameterError", "has not begun"),
    "as-of without a zone": (["weekly_conflict", "--as-of", "2026-11-16"], 12, "ParameterError", "zone"),
    "as-of before all": (["weekly_conflict", "--as-of", "2020-01-01T00:00Z"], 2, "UserError", "pull"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_run_refuses_what_it_does_not_know(wrong: str, quick: Office, command: Command) -> None:
    """Each wrong word has its code and one message that names what is known; nothing is published."""
    arguments, code, name, said_of_it = WRONG[wrong]
    message = refused(command("run", *arguments, "--office", str(quick.root)), code, name)
    assert said_of_it in message
    assert not [file for file in quick.path("outputs").rglob("*") if file.is_file()]


def test_run_refuses_readers_who_do_not_receive_it(quick: Office, command: Command) -> None:
    """An audience named without the briefing in its list is code 13; unnamed, it is left out."""
    edit(quick.root, {'briefings = ["weekly_conflict"]\nmarking = "FOR': 'briefings = []\nmarking = "FOR'})
    said = command("run", "weekly_conflict", "--audience", "partners", "--office", str(quick.root))
    assert "does not receive" in refused(said, 13, "DisclosureRefused")
    assert "partners" not in command("list", "--office", str(quick.root)).out


def test_check_finds_a_pack_that_was_touched(quick: Office, command: Command) -> None:
    """A published file that is no longer what its manifest says is named, with the remedy."""
    office = ("--office", str(quick.root))
    assert command("run", "weekly_conflict", "--audience", "internal", *office).code == 0
    assert "as they were published: 1" in command("check", *office).out
    page = quick.root / "outputs/internal/weekly_conflict/kestara/2026-W46/v1/briefing.html"
    page.write_bytes(page.read_bytes() + b" ")
    said = command("check", *office)
    assert said.code == 18
    assert "not as they were published: internal/weekly_conflict/kestara/2026-W46/v1" in said.out


def test_one_failing_edition_does_not_stop_the_others(
    quick: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are published; a line each says what came of it; the failure's code is the command's."""
    monkeypatch.setenv("COLUMNS", "80")  # what a pipe counts as: its lines are as long as they are
    small_notebook.put(quick, "1 / (audience != 'internal')")
    readers = [name for one in ("leadership", "internal", "partners") for name in ("--audience", one)]
    said = command("run", "weekly_conflict", *readers, "--office", str(quick.root))
    message = refused(said, 14, "BriefingFailed")
    assert "weekly_conflict 2026-W46 kestara for internal: weekly_conflict.ipynb stopped at cell 3" in message
    head, *rows, _, counted = said.out.splitlines()
    assert head.split() == ["Edition", "State", "Version", "Seconds", "Folder"]
    place = "outputs/{}/weekly_conflict/kestara/2026-W46/v1"
    for who, row in zip(("leadership", "internal", "partners"), rows, strict=True):
        state = "FAILED: BriefingFailed" if who == "internal" else "published +1"
        folder = "" if who == "internal" else " +" + place.format(who)
        assert re.fullmatch(rf"weekly_conflict 2026-W46 kestara for {who} +{state} +[0-9.]+{folder}", row)
    assert counted == "3 editions: 2 made, 1 failed: the reasons follow."
    assert "[3/3] " in said.err


def test_run_says_when_there_is_nothing_to_run(quick: Office, command: Command) -> None:
    """Without a briefing, or with both, it says what to name; if nobody receives it, that."""
    office = ("--office", str(quick.root))
    assert "give --all" in refused(command("run", *office), 12, "ParameterError")
    assert "not both" in refused(command("run", "weekly_conflict", "--all", *office), 12, "ParameterError")
    edit(quick.root, {'briefings = ["public_summary"]': "briefings = []"})
    for order in (("public_summary",), ("--all", "--audience", "public")):
        said = command("run", *order, *office)
        assert (said.code, said.out[:14]) == (0, "Nothing to run")


def test_run_tells_of_a_failing_cell(quick: Office, command: Command) -> None:
    """Code 14, cell and class, and where the executed notebook lies; neither its text nor a traceback."""
    small_notebook.put(quick, "raise ValueError('Zqkadomri')")
    said = command("run", "weekly_conflict", "--audience", "partners", "--office", str(quick.root))
    message = refused(said, 14, "BriefingFailed")
    assert "ValueError" in message
    assert "Zqkadomri" not in said.err + said.out
    [folder] = quick.path("private/runs").iterdir()
    assert str(folder) in message
