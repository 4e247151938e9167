"""The control of a page: what it offers, what it sets, and that a run knows nothing of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.document.example import example_blocks
from tests.document.notebooks import notebook, of_blocks
from workbench import document
from workbench.config import Office
from workbench.desk import NAMES
from workbench.view import VARIABLE
from workbench.widgets._controls import BY_HAND, _Controls

EMPTY = dict.fromkeys(NAMES, "")


@pytest.fixture(scope="module")
def shown(sample_office: Office) -> Callable[..., tuple[Any, dict[str, str]]]:
    """Give a way to show the control over names as a first cell sets them, such as a week."""

    def show(*, desk: bool = False, briefing: str = "", **names: str) -> tuple[Any, dict[str, str]]:
        namespace = {**EMPTY, **names}
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(sample_office.root)
            return _Controls(namespace, desk=desk, cell=None, briefing=briefing), namespace

    return show


@pytest.fixture(autouse=True)
def _in_the_office(sample_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sample_office.root)


class TestWhatItOffers:
    """Areas, weeks, instants, readers and languages, with what an empty name stands for."""

    def test_it_says_what_empty_names_stand_for(self, shown):
        """The first area, the last complete week, the narrowest readers with their marking, now."""
        control, _ = shown()
        chosen = (control.area.value, control.week.value, control.audience.value, control.as_of.value)
        assert chosen == ("kestara", "2026-W46", "partners", "")
        assert "Partners, marked FOR PARTNERS" in control.page.value
        assert "the last complete week" in control.page.value
        assert "the narrowest readers" in control.page.value
        assert control.tell.value == ""

    @pytest.mark.parametrize(
        ("briefing", "reader"), [("human_rights", "leadership"), ("public_summary", "public")]
    )
    def test_readers_left_open_are_those_who_receive_the_briefing(self, shown, briefing, reader):
        """A page that goes to one audience opens for that audience, and not on a refusal."""
        control, _ = shown(briefing=briefing)
        assert control.audience.value == reader
        assert "the narrowest readers who receive it" in control.page.value
        assert control.tell.value == ""

    def test_at_the_desk_they_are_the_desks_readers(self, shown, sample_office: Office):
        """With `desk`, an empty audience is that of [desk], and the control says so."""
        control, _ = shown(desk=True)
        assert sample_office.desk.audience
        assert control.audience.value == sample_office.desk.audience
        assert "the desk's readers" in control.page.value

    def test_weeks_come_newest_first_without_a_gap(self, shown):
        """From the week that is not over, which is marked, back to the first with an incident."""
        labels, slugs = zip(*shown()[0].week.options, strict=True)
        assert slugs[:2] == ("2026-W47", "2026-W46")
        assert labels[0].endswith("not over yet")
        assert "not over" not in "".join(labels[1:])
        assert list(slugs) == sorted(slugs, reverse=True)
        assert len(slugs) > 100

    def test_instants_are_those_of_deliveries_that_the_readers_may_know_of(self, shown):
        """The last one of each day, newest first, after now."""
        options = shown()[0].as_of.options
        assert options[0] == ("now", "")
        assert [slug for _, slug in options[1:]] == [
            "2026-11-16T06:00:00+00:00", "2026-11-09T06:00:00+00:00"
        ]  # fmt: skip

    def test_a_first_cell_that_cannot_be_is_told(self, shown):
        """A week that does not exist is a sentence in the control, not a traceback."""
        control, names = shown(week="2026-W99")
        assert "does not exist" in control.tell.value
        assert names["week"] == "2026-W99"


class TestWhatItSets:
    """A change sets all five names at once, or none."""

    def test_a_week_sets_five_names(self, shown):
        """Nothing is left open but now."""
        control, names = shown()
        control.week.value = "2026-W45"
        assert names == {
            "area": "kestara", "week": "2026-W45", "audience": "partners", "as_of": "", "language": "en",
        }  # fmt: skip
        assert BY_HAND.split("→")[0] in control.tell.value

    def test_buttons_step_through_the_weeks(self, shown):
        """Back and forth; beyond the newest there is nothing to step to."""
        control, names = shown(week="2026-W46")
        control.earlier.click()
        assert names["week"] == "2026-W45"
        control.later.click()
        control.later.click()
        assert names["week"] == "2026-W47"
        assert control.later.disabled
        control.later.click()
        assert names["week"] == "2026-W47"

    def test_readers_are_named_with_their_marking(self, shown):
        """Other readers know of other deliveries, and the line above the page names them."""
        control, names = shown()
        control.audience.value = "leadership"
        assert names["audience"] == "leadership"
        assert "Leadership, marked STRICTLY CONFIDENTIAL" in control.page.value

    @pytest.mark.parametrize(
        ("names", "change", "sentence"),
        [
            ({"week": "2026-W47"}, ("as_of", "2026-11-09T06:00:00+00:00"), "Choose an earlier week"),
            ({"as_of": "2026-10-01T00:00:00Z", "week": "2026-W30"}, ("week", "2026-W29"), "first delivery"),
            ({"week": "2020-W10"}, ("audience", "internal"), "no incidents of Kestara Province"),
        ],
    )
    def test_what_cannot_be_sets_nothing(self, shown, names, change, sentence):
        """It says why, and what to do, and the names stay as they were."""
        control, namespace = shown(**names)
        before = dict(namespace)
        getattr(control, change[0]).value = change[1]
        assert sentence in control.tell.value
        assert "as they were" in control.tell.value
        assert namespace == before

    def test_readers_of_counts_are_not_shown_a_page_of_rows(self, shown, monkeypatch: pytest.MonkeyPatch):
        """The public gets counts: the weekly briefing is not for them, and the summary is named."""
        monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/weekly_conflict.ipynb")
        control, names = shown()
        control.audience.value = "public"
        assert "public_summary.ipynb" in control.tell.value
        assert names == EMPTY

    def test_a_choice_holds_when_all_cells_run_again(self, shown):
        """The first cell says again what it said, and the control sets what was chosen since."""
        first, names = shown()
        first.week.value = "2026-W44"
        chosen = dict(names)
        names.update(EMPTY)  # as the first cell does
        second = _Controls(names, desk=False, cell=None, earlier=first)
        assert names == chosen
        assert second.week.value == "2026-W44"
        assert "chosen here" in second.page.value
        # the control's own cell alone: the names still say what was chosen
        third = _Controls(names, desk=False, cell=None, earlier=second)
        names.update(EMPTY)
        _Controls(names, desk=False, cell=None, earlier=third)
        assert names == chosen

    def test_a_first_cell_written_anew_counts_again(self, shown):
        """What an analyst types there is meant, whatever was chosen before."""
        first, names = shown()
        first.week.value = "2026-W44"
        names.update({**EMPTY, "week": "2026-W45"})
        second = _Controls(names, desk=False, cell=None, earlier=first)
        assert names == {**EMPTY, "week": "2026-W45"}
        assert second.week.value == "2026-W45"
        assert "chosen here" not in second.page.value

    def test_two_controls_over_one_namespace(self, shown):
        """The cell run twice, or two notebooks of one kernel: each sets all five names."""
        first, names = shown()
        second = _Controls(names, desk=False, cell="other")
        first.week.value = "2026-W44"
        second.audience.value = "internal"
        assert (names["week"], names["audience"]) == ("2026-W46", "internal")

    def test_a_retired_control_sets_nothing(self, shown):
        """Once its cell was run again it is closed."""
        control, names = shown()
        control.retire()
        control._changed(None)
        assert names == EMPTY


class TestWhatLeaves:
    """Nothing of it is in a run, in a saved notebook's text, or in a document."""

    def test_a_run_does_not_import_ipywidgets(self, tmp_path: Path):
        """With a view given it shows nothing and imports nothing: here ipywidgets cannot be."""
        script = (
            "import sys\n"
            "class Block:\n"
            "    def find_spec(self, name, *_):\n"
            "        if name in ('ipywidgets', 'anywidget', 'deltalake'): raise ImportError(name)\n"
            "sys.meta_path.insert(0, Block())\n"
            "from workbench.widgets import controls, editions\n"
            "assert controls() is None and editions() is None\n"
            "assert 'workbench.desk' not in sys.modules and 'ipywidgets' not in sys.modules\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False,
            env={VARIABLE: str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def test_without_ipywidgets_it_says_how_to_get_it(self, monkeypatch: pytest.MonkeyPatch, capsys):
        """One line with the pip command; the cells below run all the same."""
        from IPython.core.interactiveshell import InteractiveShell

        from workbench.widgets import controls

        monkeypatch.setitem(sys.modules, "ipywidgets", None)
        monkeypatch.delenv(VARIABLE, raising=False)
        shell = InteractiveShell()
        monkeypatch.setattr("IPython.get_ipython", lambda: shell)
        controls()
        assert 'pip install "briefing-workbench[lab]"' in capsys.readouterr().out

    def test_its_text_names_no_value(self, shown):
        """What a notebook's file keeps of it is its name."""
        assert repr(shown()[0].box) == "<controls>"

    def test_an_export_holds_nothing_of_it(self):
        """A widget's output is no block: the document of a page with the control is that without it."""
        page = of_blocks(example_blocks())
        view = {
            "application/vnd.jupyter.widget-view+json": {"model_id": "canary"},
            "text/plain": "<controls>",
        }
        output = nbformat.v4.new_output("display_data", view)
        control = nbformat.v4.new_code_cell("controls()", outputs=[output])
        both = notebook(control, *page.cells)
        assert document.collect(both) == document.collect(page)
