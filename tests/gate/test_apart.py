"""The check in a process of its own: the same report, and a refusal whenever it comes to no end."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.gate.packs import CANARY, EXPECTED, PAGE, pack
from workbench import gate
from workbench.gate import _apart
from workbench.gate._apart import expected_from, report_from, to_bytes


def _apart_report(folder: Path, **how: float) -> gate.GateReport:
    return gate.check_apart(folder, forbidden=[CANARY], permitted=["calm"], expected=EXPECTED, **how)


@pytest.mark.parametrize("how", ["warm", "cold"])
def test_it_reports_as_the_check_does(how, tmp_path, monkeypatch):
    """A clean pack passes and a leak is reported, as by the check in this process, forked or not; either way
    the process is given the clean surroundings and the time it may take, and no folder to import from.
    """
    monkeypatch.setenv("WORKBENCH_KERNELS", how)
    asked = []
    answer, run = _apart.kernels.answer, _apart.subprocess.run
    monkeypatch.setattr(
        _apart.kernels, "answer", lambda *told, **more: asked.append((told[0], more)) or answer(*told, **more)
    )
    monkeypatch.setattr(
        _apart.subprocess, "run", lambda told, **more: asked.append((told, more)) or run(told, **more)
    )
    clean, leaking = pack(tmp_path / "a"), pack(tmp_path / "b", page=PAGE.replace("calm", CANARY))
    assert _apart_report(clean).passed
    report = _apart_report(leaking)
    assert report == gate.check(leaking, forbidden=[CANARY], permitted=["calm"], expected=EXPECTED)
    assert not report.passed
    forked = [more for told, more in asked if told == "workbench.gate"]
    assert all((one["env"], one["preload"]) == (_apart._environment(), _apart._LOADED) for one in forked)
    assert len(forked) == 2
    started = [more for told, more in asked if told == [sys.executable, "-P", "-s", "-m", "workbench.gate"]]
    assert all((one["env"], one["timeout"]) == (_apart._environment(), _apart.SECONDS) for one in started)
    assert len(started) == (2 if how == "cold" else 0) or sys.platform != "linux"


def test_values_and_permitted_texts_arrive_as_they_are(tmp_path):
    """Values with line breaks and other scripts arrive whole, and what is permitted is permitted."""
    value = "أمينة\nالزهراوي من Zéldrim"
    folder = pack(tmp_path, page=PAGE.replace("calm", value))
    found = gate.check_apart(folder, forbidden=[value], permitted=[], expected=EXPECTED)
    assert [one.rule for one in found.findings] == ["forbidden_value"] * 2
    assert gate.check_apart(folder, forbidden=[value], permitted=["x", value], expected=EXPECTED).passed


def test_a_check_that_is_not_done_in_time_refuses(tmp_path):
    """When the time is over the process is ended and the pack refused."""
    report = _apart_report(pack(tmp_path), seconds=0.001)
    assert [one.rule for one in report.findings] == ["time_out"]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_forked_check_that_ends_in_another_way_refuses(tmp_path, monkeypatch):
    """A forked process that is given no question it understands ends with an error, and the pack stays."""
    monkeypatch.setattr(_apart, "_plain", lambda _: {"no": "field"})
    report = _apart_report(pack(tmp_path))
    assert [(one.rule, one.detail) for one in report.findings] == [("failed", "the check came to no end")]


@pytest.mark.parametrize("content", ["raise SystemExit(3)", "import os; os.abort()", "print('{}')", ""])
def test_a_process_that_ends_in_another_way_refuses(content, tmp_path, monkeypatch):
    """A crash, an error, silence, or words that are no report: all refuse."""
    program = tmp_path / "other.py"
    program.write_text(content, encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_KERNELS", "cold")
    real = _apart.subprocess.run
    monkeypatch.setattr(
        _apart.subprocess, "run", lambda _, **how: real([sys.executable, str(program)], **how)
    )
    report = _apart_report(pack(tmp_path / "pack"))
    assert [one.rule for one in report.findings] == ["failed"]


def test_a_program_that_cannot_be_started_refuses(tmp_path, monkeypatch):
    """Without a Python to start there is no report, and no pack leaves."""
    monkeypatch.setenv("WORKBENCH_KERNELS", "cold")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert [one.rule for one in _apart_report(pack(tmp_path / "pack")).findings] == ["failed"]


@pytest.mark.parametrize(
    "said",
    [
        b"", b"[]", b"{}", b"null", b'{"findings": [], "files": []}',
        b'{"findings": [], "files": [], "whole": 1}',
        b'{"findings": [["a", "b"]], "files": [], "whole": true}',
        b'{"findings": [[1, 2, 3]], "files": [], "whole": true}',
        b'{"findings": [], "files": [1], "whole": true}', b'{"findings": [], "files": [], "whole": true} x',
    ],
)  # fmt: skip
def test_only_a_whole_report_is_one(said):
    """What is not exactly a report is none."""
    assert report_from(said) is None


def test_a_report_and_a_question_come_through_unchanged():
    """What is written for the other process reads back the same."""
    report = gate.GateReport((gate.Finding("marking", "briefing.pdf", "on page 2"),), ("briefing.pdf",))
    assert report_from(to_bytes(report)) == report
    asked = replace(
        EXPECTED,
        recipients=("a@b.c",),
        published=(b"\xff\0",),
        lies_in=("a", "b"),
        count_threshold=5,
        document=b"\xfe{}",
    )
    assert expected_from(json.loads(json.dumps(_apart._plain(asked)))) == asked  # its other half
    assert expected_from(json.loads(json.dumps(_apart._plain(EXPECTED)))) == EXPECTED  # as above


def test_the_process_gets_nothing_of_our_surroundings(monkeypatch):
    """Variables that are not on the list do not reach the process."""
    monkeypatch.setenv("WORKBENCH_SECRET", "x")
    given = _apart._environment()  # what it hands on is the fact
    assert "WORKBENCH_SECRET" not in given
    assert set(given) <= {*_apart._ENVIRONMENT, "PYTHONPATH", "PYTHONIOENCODING", "PYTHONDONTWRITEBYTECODE",
                          "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}  # fmt: skip  # as above
