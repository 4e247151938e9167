"""The check of a pack as a whole: which files it opens and how, what it searches for, what it reports."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.gate.leaks import CSV_PAGE, SVG_PAGE, book, png
from tests.gate.packs import CANARY, EXPECTED, MARKING, PAGE, pack, pdf
from workbench import gate
from workbench.errors import DisclosureRefused
from workbench.gate import __main__, _apart, _check, _search
from workbench.gate._counts import audit_counts
from workbench.gate._parts import UNRELEASED, Opened, Passage

HEAD = "table,week,event_type,district,incidents,killed,state\n"


def _line(kind: str, count: int | None, week: str = "2026-11-09", district: str = "") -> str:
    state = "withheld" if count is None else "shown"
    return f"t,{week},{kind},{district},{state if count is None else count},,{state}\n"


SAFE = HEAD + _line("", 25) + _line("a", 9) + _line("b", 16)
OPEN = HEAD + _line("", 25) + _line("a", None) + _line("b", 22)
"""The hidden count of a is 25 less 22."""


@pytest.mark.parametrize(
    ("table", "published", "threshold", "cells"),
    [
        (SAFE, (), 5, 0), (OPEN, (), 5, 1), (OPEN, (), 2, 0), (OPEN, (), 1, 0), (OPEN, (), 3, 0),
        (OPEN, (), 4, 1),
        (OPEN, (OPEN,), 5, 1), (SAFE, (OPEN,), 5, 0), (SAFE, (SAFE,), 5, 0),
        (HEAD + _line("", 25) + _line("a", None) + _line("b", None), (HEAD + _line("b", 22),), 5, 1),
    ],
)  # fmt: skip
def test_counts_that_can_be_worked_out_are_refused(table, published, threshold, cells):
    """A withheld count below the threshold that the table, or earlier ones with it, give away is refused."""
    opened = Opened()
    asked = replace(EXPECTED, count_threshold=threshold, published=tuple(one.encode() for one in published))
    audit_counts(table.encode(), asked, opened)
    assert [rule for rule, _ in opened.broken] == (["recoverable_count"] if cells else [])
    if cells:
        assert opened.broken[0][1] == f"{cells} cells"


def test_a_table_that_cannot_be_audited_raises_only_where_it_must():
    """Without a threshold nothing is audited; with one, what is no table of counts stops the pack."""
    audit_counts(b"x", EXPECTED, Opened())
    for content, published in ((b"x", ()), (SAFE.encode(), (b"x",))):
        with pytest.raises(Exception, match="counts"):
            audit_counts(content, replace(EXPECTED, count_threshold=2, published=published), Opened())


def _findings(folder: Path, forbidden=(), permitted=(), **expected) -> list[tuple[str, str, str]]:
    report = gate.check(
        folder, forbidden=forbidden, permitted=permitted, expected=replace(EXPECTED, **expected)
    )
    assert report.passed is (report.findings == ())
    return [(one.rule, one.file, one.detail) for one in report.findings]


def _all_files() -> dict[str, bytes]:
    return {
        "briefing.html": PAGE.encode(), "counts.csv": SAFE.encode(), "table_01.csv": CSV_PAGE.encode(),
        "table_100.csv": CSV_PAGE.encode(), "tables.xlsx": book(), "figure_01.svg": SVG_PAGE.encode(),
        "figure_01.png": png(), "figure_999.svg": SVG_PAGE.encode(),
    }  # fmt: skip


def test_a_pack_of_all_kinds_of_files_passes(tmp_path):
    """Every kind of file under its name passes; the report names those it read, in order."""
    folder = pack(tmp_path, files=_all_files())
    (folder / "manifest.sig").write_bytes(b"ed25519 0123456789abcdef " + b"A" * 86 + b"==\n")
    report = gate.check(folder, forbidden=[CANARY], permitted=[], expected=EXPECTED)
    assert report == gate.GateReport(
        (), tuple(sorted([*_all_files(), "briefing.pdf", "manifest.json", "manifest.sig"]))
    )


@pytest.mark.parametrize(
    "name",
    ["briefing.htm", "xbriefing.html", "briefing_html", "table_1.csv", "table_1000.csv", "table_0a.csv",
    "figure_1.svg",
     "figure_01.jpg", "tables.xls", "counts.CSV", "manifest.json~", "manifestxjson", "manifest.sig2",
     "Manifest.json"],
)  # fmt: skip
def test_a_name_that_no_pack_has(name, tmp_path):
    """Names next to those of a pack's files are strangers, counted and not named."""
    folder = pack(tmp_path, paper=b"")
    (folder / name).write_bytes(b"x")
    assert _findings(folder) == [("unknown_part", "the folder", "1 entries that no pack has")]
    (folder / "another").mkdir()
    assert _findings(folder) == [("unknown_part", "the folder", "2 entries that no pack has")]


def test_what_must_be_in_a_pack(tmp_path):
    """A manifest, a document, and the counts of an audience with a threshold; each missing one is told."""
    folder = tmp_path / "pack"
    folder.mkdir()
    nothing = [("missing_part", "manifest.json", "there is none"),
               ("missing_part", "the folder", "there is no document")]  # fmt: skip
    assert _findings(folder) == nothing
    counts = ("missing_part", "counts.csv", "there is none, so what it says cannot be audited")
    assert _findings(folder, count_threshold=2) == [counts, *nothing]
    (folder / "briefing.html").write_text(PAGE, encoding="utf-8")
    assert _findings(folder) == nothing[:1]
    (folder / "briefing.html").unlink()
    (folder / "briefing.pdf").write_bytes(pdf())
    assert _findings(folder) == nothing[:1]


def test_a_file_of_the_largest_size_is_read(tmp_path, monkeypatch):
    """A file of just the largest size is read; of one byte more it is refused, others are not."""
    folder = pack(tmp_path, paper=b"", files={"table_01.csv": CSV_PAGE.replace("calm", CANARY).encode()})
    size = (folder / "briefing.html").stat().st_size
    monkeypatch.setattr(_check, "LARGEST", size)
    assert ("unreadable", "briefing.html") not in {one[:2] for one in _findings(folder)}
    monkeypatch.setattr(_check, "LARGEST", size - 1)
    found = _findings(folder, [CANARY])
    assert ("unreadable", "briefing.html", "it is larger than any pack's file") in found
    assert ("forbidden_value", "table_01.csv", "1 in a cell") in found
    assert gate.LARGEST == 20_000_000


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("briefing.html", b" \n<!doctype HTML" + PAGE[14:].encode(), True),
        ("briefing.html", b"x" + PAGE.encode(), False), ("briefing.html", PAGE[1:].encode(), False),
        ("briefing.pdf", b"\n" + pdf(), False), ("briefing.pdf", pdf(), True),
        ("figure_01.svg", SVG_PAGE.encode(), True), ("figure_01.svg", b"\n" + SVG_PAGE.encode(), True),
        ("figure_01.svg", b"<?xml version='1.0'?>" + SVG_PAGE.encode(), True),
        ("figure_01.svg", SVG_PAGE.replace("<svg ", "<svg\n").encode(), True),
        ("figure_01.svg", b"<!-- x -->" + SVG_PAGE.encode(), False),
        ("figure_01.svg", SVG_PAGE.replace("<svg ", "<svg:svg ").encode(), False),
        ("tables.xlsx", b"x" + book(), False), ("tables.xlsx", book(), True),
        ("figure_02.svg", png(), False), ("table_01.csv", b"", None),
    ],
)  # fmt: skip
def test_a_file_begins_as_its_name_says(name, content, is_one, tmp_path):
    """A file that begins otherwise than its type is refused as unknown, another is opened."""
    if name == "briefing.pdf":
        folder = pack(tmp_path, paper=content)
    else:
        folder = pack(tmp_path, paper=b"", files={name: content})
    found = _findings(folder)
    wrong = ("unknown_part", name, "it is not what its name says")
    assert found == ([("marking", name, "the table")] if is_one is None else [] if is_one else [wrong])


def test_a_picture_stands_beside_its_own_drawing(tmp_path):
    """The drawing of another figure does not do."""
    alone = ("opaque_image", "figure_02.png", "a picture without the drawing it was made from")
    files = {"figure_01.svg": SVG_PAGE.encode(), "figure_02.png": png()}
    assert _findings(pack(tmp_path, paper=b"", files=files)) == [alone]
    files["figure_02.svg"] = SVG_PAGE.encode()
    assert _findings(pack(tmp_path, paper=b"", files=files)) == []
    bad = ("unknown_part", "figure_01.png", "it is not what its name says")
    files["figure_01.png"] = b"\x88PNG"
    assert _findings(pack(tmp_path, paper=b"", files=files)) == [bad]


def test_what_stops_the_reading_of_one_file_does_not_end_that_of_others(tmp_path):
    """A file that cannot be read is told by the class of its error, and the others are still searched."""
    files = {"figure_01.svg": b"<svg ", "table_01.csv": CSV_PAGE.replace("calm", CANARY).encode()}
    found = _findings(pack(tmp_path, paper=b"", files=files), [CANARY])
    assert ("unreadable", "figure_01.svg", "BadXml") in found
    assert ("forbidden_value", "table_01.csv", "1 in a cell") in found


def test_the_table_of_counts_is_no_table_of_the_document(tmp_path):
    """It bears no mark, and is audited; another table bears one, and is not audited."""
    files = {"counts.csv": OPEN.encode(), "table_01.csv": OPEN.encode()}
    folder = pack(tmp_path, paper=b"", files=files)
    assert _findings(folder) == [("marking", "table_01.csv", "the table")]
    assert ("recoverable_count", "counts.csv", "1 cells") in _findings(folder, count_threshold=5)
    assert ("recoverable_count", "table_01.csv", "1 cells") not in _findings(folder, count_threshold=5)


def test_paper_is_audited_beside_its_page(tmp_path):
    """From a threshold of two on a PDF's numbers are those of the page; without a page they cannot be."""
    folder = pack(
        tmp_path, page=PAGE.replace("calm", "7"), paper=pdf("7"), files={"counts.csv": SAFE.encode()}
    )
    assert _findings(folder, count_threshold=2) == []
    (folder / "briefing.pdf").write_bytes(pdf("8"))
    strange = ("unaudited_number", "briefing.pdf", "1 numbers that the page does not show")
    assert strange in _findings(folder, count_threshold=2)
    (folder / "briefing.html").unlink()
    alone = ("unaudited_number", "briefing.pdf", "there is no page to compare it with")
    assert alone in _findings(folder, count_threshold=2)


def test_many_sealed_values_are_found_in_a_pack(tmp_path):
    """More of them than are sought one by one go through the sieve, and the one that occurs is found."""
    many = [*(f"Person number{number:06d} of a list" for number in range(_search.FEW // 25)), CANARY]
    folder = pack(tmp_path, paper=b"", page=PAGE.replace("calm", CANARY))
    report = gate.check(folder, forbidden=[], permitted=[], expected=EXPECTED, sealed=many)
    assert {(one.rule, one.file) for one in report.findings} == {("forbidden_value", "briefing.html")}


def test_what_is_found_is_counted_by_file_and_place(tmp_path):
    """Each value counts once for each file and place; what is permitted counts not at all."""
    cells = f"{CANARY} Velmora\nPemrantis 11.35278"
    folder = pack(tmp_path, paper=b"", files={"table_01.csv": CSV_PAGE.replace("calm", cells).encode()})
    values = [CANARY, "Velmora", "Pemrantis", "11.35278", "Pemrantis ", "Kurovelda"]
    found = _findings(folder, values, ["so: VELMORA!", "x"])
    assert found == [("forbidden_value", "table_01.csv", "3 in a cell"),
                     ("forbidden_value", "table_01.csv", "3 in the source of the table")]  # fmt: skip
    assert len(_findings(folder, values, ["velmora", CANARY, "pemrantis", "11.3528"])) == 0
    assert _findings(folder, values, ["velmora", CANARY, "pemrantis"])[0][2] == "1 in a cell"
    assert _findings(folder, ["11.35278"], ["velmora 12"])[0][2] == "1 in a cell"
    assert _findings(folder, [CANARY], [CANARY.encode().hex()])[0][2] == "1 in a cell"


def test_marking_and_audience_may_be_said(tmp_path):
    """The words that every file of an edition bears are permitted, as what the audience is called."""
    folder = pack(tmp_path, paper=b"")
    assert _findings(folder, ["Confidential", "Internal", "Confidential."]) == []
    assert _findings(folder, ["Weekly"]) != []


def test_which_values_are_forbidden():
    """Values that identify and are not said, each in every writing in which the store holds it."""
    hidden = [
        CANARY,
        CANARY.upper(),
        "123456789",
        "+123 456 789",
        "1234",
        "11.35278",
        "7.5",
        "Kuro",
        "x 11,35278",
        "ab",
    ]
    assert gate.forbidden_values(hidden, []) == {
        CANARY, CANARY.upper(), "123456789", "+123 456 789", "11.35278", "Kuro", "x 11,35278",
    }  # fmt: skip
    assert gate.forbidden_values(hidden, ["zeldrim okvante", "123456789 11.353"]) == {"Kuro", "x 11,35278"}
    assert gate.forbidden_values(["123456789"], ["1234567890"]) == {"123456789"}
    assert gate.forbidden_values(["12.5678 - 9"], ["12.569"]) == {"12.5678 - 9"}
    assert gate.forbidden_values(["12.5678 - 9"], ["12.567"]) == frozenset()
    assert gate.forbidden_values(["11.35278"], ["x"]) == {"11.35278"}
    assert gate.forbidden_values(["Ali", "Zeldrim Okvante"], ["a li", "xzeldrimokvantex"]) == {"Ali"}
    assert gate.forbidden_values([], ["x"]) == frozenset()


def test_the_message_of_a_refusal():
    """It names up to five findings in full, counts the others, and says what to do."""
    findings = [gate.Finding("rule", "a.html", f"place {number}") for number in range(1, 8)]

    def said(count: int) -> str:
        with pytest.raises(DisclosureRefused) as refused:
            gate.require(gate.GateReport(tuple(findings[:count]), ()))
        return str(refused.value)

    start = "The gate refused this pack, and nothing was published: "
    end = (
        ". Find out how it got there; if this audience may read it, correct the label of its row. A person's "
        "name or number from a sealed table stands in no edition: take it out of the text it was typed into."
    )
    assert said(2) == f"{start}rule in a.html (place 1); rule in a.html (place 2){end}"
    assert said(5).endswith(f"(place 5){end}")
    assert said(6).endswith(f"(place 5); and 1 more{end}")
    assert said(7).endswith(f"(place 5); and 2 more{end}")
    gate.require(gate.GateReport((), ()))


def test_drafts_and_reviewed_packs_are_unreleased():
    """A pack before its release is a draft to its reader, and no other is."""
    assert {"draft", "reviewed"} == UNRELEASED
    for status in ("draft", "reviewed", "released", "corrected", "recalled", ""):
        assert replace(EXPECTED, status=status).is_draft is (status in UNRELEASED)


def test_what_an_opened_file_notes():
    """A rule is noted once for each detail; a passage without a letter or sign is left out."""
    opened = Opened()
    for rule, detail in (("a", "x"), ("a", "y"), ("a", "x"), ("b", "x")):
        opened.breaks(rule, detail)
    assert opened.broken == [("a", "x"), ("a", "y"), ("b", "x")]
    opened.holds("here", " \n")
    opened.holds("here", "x")
    opened.holds("there", " y", code=True, numbers=False)
    assert opened.passages == [Passage("here", "x"), Passage("there", " y", code=True, numbers=False)]


def _asked(
    folder: Path, values: bytes, said: bytes, sealed: bytes = b"", *, claimed: int | None = None
) -> bytes:
    head = {"folder": str(folder), "expected": {**asdict(EXPECTED), "published": []}}
    question = json.dumps([head, claimed or len(values), len(said), len(sealed)]).encode()
    return question + b"\n" + values + said + sealed


class _Pipe:
    """Bytes in place of a standard stream."""

    def __init__(self, content: bytes = b"") -> None:
        import io

        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize(
    ("said", "sealed", "rules"),
    [
        (b"x\0y", b"", ["forbidden_value"] * 2), (CANARY.encode() + b"\0y", b"", []),
        (b"y\0" + CANARY.encode(), b"", []),
        (CANARY.encode().replace(b" ", b"\0"), b"", ["forbidden_value"] * 2),
        (CANARY.encode(), b"5506928", []), (CANARY.encode(), b"x\x005506929", ["forbidden_value"] * 2),
    ],
)  # fmt: skip
def test_the_program_answers_one_question(said, sealed, rules, tmp_path, monkeypatch):
    """It reads question, values, permitted texts and sealed values, and writes the report of the check."""
    folder = pack(tmp_path, paper=b"", page=PAGE.replace("calm", f"{CANARY} 5506929"))
    monkeypatch.setattr(sys, "stdin", _Pipe(_asked(folder, CANARY.encode(), said, sealed)))
    out = _Pipe()
    monkeypatch.setattr(sys, "stdout", out)
    __main__.main()
    report = _apart.report_from(out.buffer.getvalue())
    assert report is not None
    assert [one.rule for one in report.findings] == rules
    assert report.files == ("briefing.html", "manifest.json")


@pytest.mark.parametrize(("values", "said", "claimed"), [(b"", b"x", 2), (b"ab", b"", 3), (b"", b"", 1)])
def test_the_program_stops_when_its_question_is_cut(values, said, claimed, tmp_path, monkeypatch):
    """Fewer bytes than were told of end the program with an error, before any report."""
    monkeypatch.setattr(sys, "stdin", _Pipe(_asked(tmp_path, values, said, claimed=claimed)))
    monkeypatch.setattr(sys, "stdout", out := _Pipe())
    with pytest.raises(EOFError):
        __main__.main()
    assert out.buffer.getvalue() == b""


@pytest.mark.parametrize("sealed", [b"", b"ef"])
def test_permitted_texts_and_sealed_values_may_be_cut_too(sealed, tmp_path, monkeypatch):
    """The same of the permitted texts, and of the sealed values."""
    monkeypatch.setattr(sys, "stdin", _Pipe(_asked(tmp_path, b"ab", b"cd", sealed)[:-1]))
    monkeypatch.setattr(sys, "stdout", _Pipe())
    with pytest.raises(EOFError):
        __main__.main()


def test_what_the_process_is_given(monkeypatch):
    """The listed variables as they are, absolute import paths, and how Python is to behave."""
    monkeypatch.setattr(os, "environ", {"PATH": "p", "TMPDIR": "t", "HOME": "h", "PYTHONPATH": "q"})
    here = str(Path.cwd())
    monkeypatch.setattr(sys, "path", ["", "relative", here, f"{here}2"])
    assert _apart._environment() == {
        "PATH": "p", "TMPDIR": "t", "PYTHONPATH": f"{here}{os.pathsep}{here}2", "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip  # what it hands on is the fact


def _process(monkeypatch, **outcome):
    """Put a recorder in the place of the process: what it is asked is the fact."""
    calls = []

    def run(command, **how):
        calls.append((command, how))
        if "error" in outcome:
            raise outcome["error"]
        return _apart.subprocess.CompletedProcess(command, outcome.get("code", 0), outcome.get("out", b""))

    monkeypatch.setattr(_apart.subprocess, "run", run)
    monkeypatch.setenv("WORKBENCH_KERNELS", "cold")  # begun anew, not forked
    return calls


def test_how_the_process_is_asked(tmp_path, monkeypatch):
    """It runs the gate alone, without our folder or the user's, with a time limit, its noise thrown away."""
    whole = _apart.to_bytes(gate.GateReport((), ("briefing.html",)))
    calls = _process(monkeypatch, out=whole)
    report = gate.check_apart(
        tmp_path, forbidden=["a", "b"], permitted=["c"], expected=EXPECTED, sealed=["d"]
    )  # fmt: skip
    assert report == gate.GateReport((), ("briefing.html",))
    [(command, how)] = calls
    assert command == [sys.executable, "-P", "-s", "-m", "workbench.gate"]
    head, values = how.pop("input").split(b"\n", 1)
    assert values == b"a\0bcd"
    question, *lengths = json.loads(head)
    assert lengths == [3, 1, 1]
    assert question["folder"] == str(tmp_path.resolve())
    assert _apart.expected_from(question["expected"]) == EXPECTED
    assert how == {
        "stdout": _apart.subprocess.PIPE, "stderr": _apart.subprocess.DEVNULL, "env": _apart._environment(),
        "timeout": 120.0, "check": False,
    }  # fmt: skip  # as above
    gate.check_apart(tmp_path, forbidden=[], permitted=[], expected=EXPECTED, seconds=5)
    assert calls[1][1]["timeout"] == 5


@pytest.mark.parametrize(
    ("outcome", "rule", "detail"),
    [
        ({"error": _apart.subprocess.TimeoutExpired("x", 1)}, "time_out", "the check was not done in time"),
        ({"error": OSError()}, "failed", "the check could not be started"),
        ({"out": b""}, "failed", "the check came to no end"),
        ({"out": b'{"findings": [], "files": [], "whole": false}'}, "failed", "the check came to no end"),
        ({"out": _apart.to_bytes(gate.GateReport((), ())), "code": 1}, "failed", "the check came to no end"),
        ({"out": _apart.to_bytes(gate.GateReport((), ())), "code": -9}, "failed", "the check came to no end"),
    ],
)
def test_how_a_process_can_fail(outcome, rule, detail, tmp_path, monkeypatch):
    """Time over, no start, a bad end or a bad report: one finding, and nothing passes."""
    _process(monkeypatch, **outcome)
    report = gate.check_apart(tmp_path, forbidden=[], permitted=[], expected=EXPECTED)
    assert report == gate.GateReport((gate.Finding(rule, "the folder", detail),), ())
    assert not report.passed


def test_a_report_in_bytes():
    """A report is handed over whole, with its findings and its files and nothing more."""
    report = gate.GateReport((gate.Finding("a", "b", "c"),), ("b", "d"))
    assert json.loads(_apart.to_bytes(report)) == {
        "findings": [["a", "b", "c"]],
        "files": ["b", "d"],
        "whole": True,
    }
    for changed in ({"more": 1}, {"whole": 1}, {"whole": None}, {"files": "bd1", "findings": [[1, 2, 3]]}):
        said = {**json.loads(_apart.to_bytes(report)), **changed}
        assert _apart.report_from(json.dumps(said).encode()) is None
    assert _apart.report_from(b"[" * 100_000) is None
    assert _apart._text(MARKING) == MARKING  # what is no text is refused below
    with pytest.raises(TypeError):
        _apart._text(1)
