"""What a cell says to whoever runs it: errors in plain words, and what is no part of the document."""

from __future__ import annotations

import nbformat
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.document.example import masthead
from tests.document.notebooks import notebook, shown
from workbench.blocks import MIME, Heading, from_json
from workbench.document import collect
from workbench.document._slips import explained, trace
from workbench.document._unpublished import why_not
from workbench.document.display import mimebundle, table, teach
from workbench.errors import ExportError, UnknownName
from workbench.widgets._form import form

COLUMNS = "Its columns: killed_best, district."


def told(code: str, **names: object) -> str:
    """Run a line as a cell would, and return what its error is told as."""
    held = {"f": pd.DataFrame({"killed_best": [1], "district": ["x"]}), "pd": pd, **names}
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (each case has an error of its own)
        exec(compile(code, "cell", "exec"), held)  # noqa: S102 (a cell is code)
    return explained(caught.value, names=held)


@pytest.mark.parametrize(
    ("code", "missing", "near"),
    [
        ("f['kiled_best']", "kiled_best", "killed_best"),
        ("f.distrct", "distrct", "district"),
        ("f.groupby('distrct').size()", "distrct", "district"),
        ("f.groupby('district')['killd_best'].sum()", "killd_best", "killed_best"),
        ("f[['killed_best', 'zz']]", "zz", None),
        ("f[f['zz'] > 1]", "zz", None),
        ("f.sort_values('zz')", "zz", None),
        ("f.loc[0, 'zz']", "zz", None),
    ],
)
def test_a_column_that_is_not_there_is_told_with_those_that_are(
    code: str, missing: str, near: str | None
) -> None:
    """However a frame was asked: the name, the nearest ones, and the columns there are."""
    first, second, *_ = told(code).split("\n")
    hint = f" Did you mean {near}?" if near else ""
    assert first == f'There is no column "{missing}" here.{hint}'
    assert second == COLUMNS


def test_common_slips_are_told_in_plain_words() -> None:
    """A name that no cell made, a page without its view, no Python, a stop by hand: each with its remedy."""
    assert "Run the cells above" in told("view.counted")
    assert "the page's view is not open" in told("view.counted")
    assert "There is no `wekly` yet. Did you mean weekly?" in told("wekly + 1", weekly=1)
    assert told("x = (1,\ny = 2").startswith("This cell cannot be read as Python in line 1")
    assert "Nothing of it has run." in told("x = (")
    assert told("raise KeyboardInterrupt").startswith("Stopped:")
    assert "The package no_such is not installed here" in told("import no_such")


def test_our_own_errors_are_told_as_they_were_written() -> None:
    """A UserError has its remedy in it: nothing is added."""
    problem = UnknownName("area", "kestra", ["kestara"])
    assert explained(problem, names={}) == str(problem)


def test_any_other_error_is_its_class_and_message_and_not_long() -> None:
    """One line with class and message, cut where a library says pages."""
    assert told("{'a': 1}['b']") == "KeyError: 'b'"
    assert len(told("raise ValueError('x' * 5000)")) < 500


def test_a_traceback_is_text_and_folded_away() -> None:
    """What a traceback quotes is never markup, and a terminal's colours are gone."""
    html = trace(["\x1b[0;31mValueError\x1b[0m", "<script>alert(1)</script>"])
    assert html.startswith("<details")
    assert "<script>" not in html
    assert "\x1b" not in html


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    """Return a shell that was taught, without a kernel."""
    made = InteractiveShell.instance()
    teach(made)
    return made


@pytest.mark.parametrize("value", [5, "abc", [1, 2], {"a": 1}, object(), [Heading("A")]])
def test_what_no_document_holds_says_so(value: object, shell: InteractiveShell) -> None:
    """A number, a text, a list, any object: the note says what to do instead."""
    note = why_not(value, shell)
    assert note.startswith("Not part of the document: ")
    assert "To have it there: " in note
    assert MIME not in shell.display_formatter.format(value)[0]


@pytest.mark.parametrize("kind", ["block", "frame", "series", "form"])
def test_what_a_document_holds_and_what_is_ours_says_nothing(kind: str, shell: InteractiveShell) -> None:
    """Blocks, frames and series are part of it; forms of ours speak for themselves."""
    values = {
        "block": Heading("A"), "frame": pd.DataFrame({"a": [1]}), "series": pd.Series([1]),
        "form": form(name="a form"),
    }  # fmt: skip
    assert why_not(values[kind], shell) == ""
    if kind != "form":
        assert MIME in shell.display_formatter.format(values[kind])[0]


def test_a_series_becomes_a_table_with_its_index(shell: InteractiveShell) -> None:
    """Counts by district are a table of two columns; rows that are only numbered have one."""
    counts = pd.Series(["x", "y", "x"], name="district").value_counts()
    shown_as = from_json(shell.display_formatter.format(counts)[0][MIME])
    assert [column.label for column in shown_as.columns] == ["district", "count"]
    assert [[cell.text for cell in row] for row in shown_as.rows] == [["x", "2"], ["y", "1"]]
    bare = from_json(shell.display_formatter.format(pd.Series([0.5]))[0][MIME])
    assert [column.label for column in bare.columns] == ["value"]
    assert (
        mimebundle(table(pd.DataFrame({"value": [0.5]})))[MIME]
        == shell.display_formatter.format(pd.Series([0.5]))[0][MIME]
    )


def test_in_a_kernel_the_reply_stays_an_error_and_the_notes_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever runs a notebook hears of the failure with all frames; the page has the short message."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/page.ipynb")
    code = nbformat.v4.new_code_cell
    page = nbformat.v4.new_notebook(
        cells=list(map(code, ("import workbench", "print('said'); 5", "{'alpha': 1}['beta']", "later = 1")))
    )
    page.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(page, timeout=120).execute()
    assert "Traceback (most recent call last)" in str(caught.value)
    _, noted, failed, later = page.cells
    note = [one.data["text/plain"] for one in noted.outputs if one.output_type == "display_data"]
    assert len(note) == 1
    assert "a number" in note[0]
    assert "Printed text is not part of the document" in note[0]
    error, folded = failed.outputs
    assert error.output_type == "error"
    assert error.traceback == ["KeyError: 'beta'\nLine 1 of the cell: {'alpha': 1}['beta']"]
    assert folded.data["text/html"].startswith("<details")
    assert not later.outputs


def test_no_document_is_made_of_a_page_with_an_error() -> None:
    """Neither message nor traceback can leave: the page is refused by the number of its cell."""
    code, output = nbformat.v4.new_code_cell, nbformat.v4.new_output
    failed = code(outputs=[output("error", ename="KeyError", evalue="beta", traceback=["beta"])])
    folded = {"text/html": trace(["beta"]), "text/plain": "<traceback>"}
    traced = code(outputs=[output("display_data", folded)])
    with pytest.raises(ExportError) as caught:
        collect(notebook(shown(masthead()), failed))
    assert "beta" not in str(caught.value)
    assert collect(notebook(shown(masthead()), traced, shown(Heading("A")))).blocks == (Heading("A"),)
