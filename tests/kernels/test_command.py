"""`workbench kernel`: the kernelspec is put where Jupyter looks, and taken away again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.commands import Command, command

__all__ = ["command"]


@pytest.fixture(autouse=True)
def _own_jupyter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "env" / "share" / "jupyter"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))


def test_it_is_installed_listed_and_removed(command: Command, tmp_path: Path) -> None:
    """For the user and for the environment; what is there says this Python and the provisioner's name."""
    assert "not installed" in command("kernel", "list").out
    for options, folder in (((), "user"), (("--sys-prefix",), "env/share/jupyter")):
        said = command("kernel", "install", *options)
        assert (said.code, said.err) == (0, "")
        file = tmp_path / folder / "kernels" / "workbench-warm" / "kernel.json"
        assert str(file.parent) in said.out
        spec = json.loads(file.read_text(encoding="utf-8"))
        assert spec["argv"][0] == sys.executable
        assert spec["display_name"] == "Workbench (warm)"
        assert spec["metadata"]["kernel_provisioner"] == {"provisioner_name": "workbench-warm"}
        assert str(file.parent) in command("kernel", "list").out
        assert command("kernel", "install", *options).code == 0  # again: replaced
    removed = command("kernel", "remove").out
    assert removed.count("Removed") == 2
    assert not list(tmp_path.rglob("kernel.json"))
    assert "nothing to remove" in command("kernel", "remove").out


def test_a_folder_that_cannot_be_written_is_named(command: Command, tmp_path: Path) -> None:
    """One message with the remedy, and the exit code of configuration."""
    (tmp_path / "user").write_text("in the way", encoding="utf-8")
    said = command("kernel", "install")
    assert said.code == 16
    assert "could not be installed" in said.err
    assert "--sys-prefix" in said.err
