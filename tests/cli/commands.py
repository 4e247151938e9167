"""The command line as a person uses it, in this process: arguments in, exit code and both outputs back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench.cli import main


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give a way to run `workbench` with arguments, in a folder."""

    def run(*arguments: str, within: Path | None = None) -> Said:
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        if within is not None:
            monkeypatch.chdir(within)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(ended.value.code or 0, said.out, said.err)  # type: ignore[arg-type]  # an exit code is a number

    return run


def refused(said: Said, code: int, name: str) -> str:
    """Check that a command failed with one message of this class and no traceback; return the message."""
    assert said.code == code, said
    assert "Traceback" not in said.err + said.out
    classes = re.findall(r"^([A-Z][A-Za-z]+): ", said.err, re.MULTILINE)
    assert classes == [name], said.err
    message = said.err[said.err.index(f"{name}: ") :]
    # what happened and where; then, in another sentence or line, what to do next
    assert re.search(r"[.)] [A-Z0-9]|\n", message.strip()), message
    return message
