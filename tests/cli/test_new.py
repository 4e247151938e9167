"""`workbench new`: what it enters leaves the rest of the file alone; that its page runs: test_preview."""

from __future__ import annotations

import difflib
import json

import nbformat

from tests.cli.commands import Command, refused
from workbench.briefing import PARAMETERS, parameters_of
from workbench.config import Office, load


def test_a_briefing_is_a_notebook_and_an_entry(command: Command, own_office: Office) -> None:
    """Two places of workbench.toml change, its comments stay, and the named audience receives it."""
    file = own_office.root / "workbench.toml"
    before = file.read_text(encoding="utf-8")
    said = command(
        "new", "briefing", "border", "--title", 'Border "crossings" {x}', "--audience", "internal",
        within=own_office.root,
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "Received by: Internal" in said.out
    changed = list(difflib.ndiff(before.splitlines(), file.read_text(encoding="utf-8").splitlines()))
    gone = [line[2:] for line in changed if line.startswith("- ")]
    new = [line[2:] for line in changed if line.startswith("+ ")]
    assert len(gone) == 1
    assert gone[0].startswith("briefings = [")
    assert [line for line in new if line] == [
        f'{gone[0][:-1]}, "border"]', "[[briefing]]", 'slug = "border"',
        'title = "Border \\"crossings\\" {x}"', 'notebook = "notebooks/border.ipynb"',
    ]  # fmt: skip
    office = load(own_office.root)
    assert office.briefing[-1].title == 'Border "crossings" {x}'
    page = own_office.root / "notebooks" / "border.ipynb"
    nbformat.validate(nbformat.read(page, as_version=4))
    assert set(parameters_of(page)) == set(PARAMETERS)
    assert not any(cell.get("outputs") for cell in json.loads(page.read_text(encoding="utf-8"))["cells"])


def test_a_briefing_that_nobody_receives_says_so(command: Command, own_office: Office) -> None:
    """Without --audience no edition would be made, and the command tells how to change that."""
    said = command("new", "briefing", "quiet", within=own_office.root)
    assert said.code == 0
    assert "Nobody receives it yet" in said.out
    assert not [one for one in load(own_office.root).audience if "quiet" in one.briefings]


def test_what_cannot_be_made_leaves_the_office_as_it_was(command: Command, own_office: Office) -> None:
    """A bad or taken name, an unknown audience, readers of counts: one message, and no byte changed."""
    file = own_office.root / "workbench.toml"
    before = file.read_bytes()
    for arguments, code, name in (
        (["Border Crossings"], 12, "ParameterError"),
        (["weekly_conflict"], 12, "ParameterError"),
        (["border", "--audience", "everybody"], 11, "UnknownName"),
        (["border", "--audience", "public"], 16, "ConfigurationError"),
    ):
        refused(command("new", "briefing", *arguments, within=own_office.root), code, name)
        assert file.read_bytes() == before
        assert not (own_office.root / "notebooks" / "border.ipynb").exists()


def test_a_chart_is_added_at_the_end(command: Command, own_office: Office) -> None:
    """A heading and a cell; the cells before stay as they were, and the file is a valid notebook."""
    page = own_office.root / "notebooks" / "data_quality.ipynb"
    before = json.loads(page.read_text(encoding="utf-8"))["cells"]
    for _ in range(2):
        said = command("new", "chart", "by type", "--in", f"notebooks/{page.name}", within=own_office.root)
        assert said.code == 0, said.err
    after = json.loads(page.read_text(encoding="utf-8"))["cells"]
    assert after[: len(before)] == before
    assert [cell["cell_type"] for cell in after[len(before) :]] == ["markdown", "code"] * 2
    assert "".join(after[-2]["source"]).startswith("## By type")
    assert ".properties(description=" in "".join(after[-1]["source"])
    nbformat.validate(nbformat.read(page, as_version=4))
    refused(command("new", "chart", "x", "--in", "nowhere.ipynb", within=own_office.root), 2, "UserError")
