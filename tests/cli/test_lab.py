"""`workbench lab` without a browser: what it tells JupyterLab, and where all of that is kept."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.commands import Command, refused
from workbench.config import Office

lab = import_module("workbench.cli.lab")  # the package has the command under this name


def test_the_page_is_told_of_briefings_and_of_the_desk(own_office: Office) -> None:
    """A card for each briefing and desk notebook that is there, and the start page runs by itself."""
    told = lab.told(own_office)
    assert [one["title"] for one in told["briefings"]] == [one.title for one in own_office.briefing]
    assert [Path(one["path"]).stem for one in told["desk"]] == list(lab.DESK)
    assert told["runs"] == [lab.START]
    (own_office.root / "notebooks" / "log.ipynb").unlink()
    assert "log" not in [Path(one["path"]).stem for one in lab.told(own_office)["desk"]]


def test_a_start_page_that_somebody_changed_waits_for_a_hand(own_office: Office) -> None:
    """Code that did not come with the workbench never runs because a page was opened; outputs are none."""
    file = own_office.root / lab.START
    page = json.loads(file.read_text(encoding="utf-8"))
    code = next(cell for cell in page["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    file.write_text(json.dumps(page), encoding="utf-8")
    assert lab.told(own_office)["runs"] == [lab.START]
    code["source"] = [*code["source"], "\nimport os"]
    file.write_text(json.dumps(page), encoding="utf-8")
    assert lab.told(own_office)["runs"] == []
    file.write_text("no notebook", encoding="utf-8")
    assert lab.told(own_office)["runs"] == []


def test_all_that_jupyter_keeps_lies_in_the_private_folder(own_office: Office, tmp_path: Path) -> None:
    """Configuration, data, runtime files, history, settings and tabs; only the search path names others."""
    kept = own_office.path(own_office.private) / "lab"
    places = lab._places(kept, {"JUPYTER_PATH": str(tmp_path)})
    assert places.pop("JUPYTER_PATH").startswith(str(tmp_path))
    assert all(Path(one).is_relative_to(kept) for one in places.values())
    said = lab._options(own_office, kept, browser=False, port=None)
    options = dict(one.removeprefix("--").split("=", 1) for one in said)
    assert options["ServerApp.ip"] == "127.0.0.1"
    assert not [name for name in options if "token" in name.lower() or "password" in name.lower()]
    for name in ("app_settings_dir", "user_settings_dir", "workspaces_dir"):
        assert Path(options[f"LabApp.{name}"]).is_relative_to(kept)
    ours = "workbench.jobs.BriefingExecutionManager" if find_spec("jupyter_scheduler") else None
    assert options.get("Scheduler.execution_manager_class") == ours


def test_the_extension_lies_where_jupyterlab_is_sent(own_office: Office) -> None:
    """Its package.json names the file that is loaded, and what JupyterLab asks it for."""
    (option,) = [
        one
        for one in lab._options(own_office, own_office.root, browser=False, port=None)
        if one.startswith("--LabApp.extra_labextensions_path=")
    ]
    (package,) = Path(option.partition("=")[2]).glob("*/package.json")
    built = json.loads(package.read_text(encoding="utf-8"))["jupyterlab"]["_build"]
    entry = (package.parent / built["load"]).read_text(encoding="utf-8")
    assert built["extension"] in entry
    assert json.loads(package.read_text(encoding="utf-8"))["name"] in entry


def test_a_missing_jupyterlab_is_told_with_the_command_to_give(
    command: Command, own_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message that names the extra; nothing is started, and nothing is written."""
    monkeypatch.setattr(lab, "find_spec", lambda name: None if name == "jupyterlab" else find_spec(name))
    said = command("lab", "--no-browser", within=own_office.root)
    assert 'pip install "briefing-workbench[lab]"' in refused(said, 15, "ExportError")
    assert not (own_office.path(own_office.private) / "lab").exists()
