"""The documentation that comes with the package: whole, linked, offline, and true to the commands."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.docs import PAGES, page, text, title, write


class _Found(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        given = dict(attrs)
        self.addresses += [given[name] for name in ("href", "src") if name in given]
        if "id" in given:
            self.anchors.add(given["id"])


def found(name: str) -> _Found:
    """Return what a page refers to."""
    parser = _Found()
    parser.feed(page(name))
    return parser


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_no_network_and_no_script(name: str) -> None:
    """A page has one heading of the first level, no script, and no address outside its own folder."""
    told = found(name)
    assert told.tags.count("h1") == 1
    assert "script" not in told.tags
    assert not [one for one in told.addresses if re.match(r"[a-z]+:|//", one)]


def test_all_links_and_pictures_lead_somewhere(tmp_path: Path) -> None:
    """Every link leads to a page (and an anchor on it), every picture to a file that is written too."""
    write(tmp_path)
    for name in PAGES:
        for address in found(name).addresses:
            file, _, anchor = address.partition("#")
            assert (tmp_path / (file or f"{name}.html")).is_file(), (name, address)
            if anchor:
                assert anchor in found(file.removesuffix(".html") or name).anchors, (name, address)


def test_pages_name_commands_that_exist() -> None:
    """Each `workbench ...` that a page shows is a command, with options that it has."""
    from typer.main import get_command

    commands = get_command(app).commands  # type: ignore[attr-defined]  # a typer app with several commands is a group
    for name in PAGES:
        shown = [line for part in re.findall(r"`([^`]+)`", text(name)) for line in part.splitlines()]
        for line in shown:
            words = line.split("#")[0].split()
            if words[:1] != ["workbench"] or len(words) == 1 or words[1].startswith("--"):
                continue
            assert words[1] in commands, (name, line)
            command = commands[words[1]]
            if words[2:] and words[2] in getattr(command, "commands", {}):
                command = command.commands[words[2]]
            known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known | {"--help"}, (name, line)


def test_writing_again_changes_nothing_and_keeps_what_else_is_there(tmp_path: Path) -> None:
    """The same pages give the same bytes, and a file of somebody else stays."""
    write(tmp_path)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    before = {one.name: one.stat().st_mtime_ns for one in tmp_path.iterdir()}
    assert write(tmp_path) == tmp_path / "index.html"
    assert {one.name: one.stat().st_mtime_ns for one in tmp_path.iterdir()} == before


def test_the_command_writes_the_pages_and_says_where(tmp_path: Path) -> None:
    """`workbench docs figures` names the page it wrote; an unknown page is refused with those there are."""
    done = CliRunner().invoke(app, ["docs", "figures", "--to", str(tmp_path), "--no-browser"])
    assert done.output.strip() == str((tmp_path / "figures.html").resolve())
    assert title("figures") in (tmp_path / "figures.html").read_text(encoding="utf-8")
    wrong = CliRunner().invoke(app, ["docs", "figurs", "--to", str(tmp_path), "--no-browser"])
    assert wrong.exit_code != 0
    assert "tutorial" in str(wrong.exception)
