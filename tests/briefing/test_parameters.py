"""Parameters are typed values: whatever text is given, none of it becomes code, or a path."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import small_notebook
from workbench.briefing import PARAMETERS, checked, run
from workbench.errors import ParameterError

RIGHT = {
    "area": "kestara", "week": "2026-W46", "audience": "partners",
    "as_of": "2026-11-16T06:00:00.000012+00:00", "language": "en",
}  # fmt: skip
BREAKING = [
    '"',
    "'",
    '"""',
    "\\",
    '\\"',
    "\n",
    "\r",
    "\x00",
    "{",
    "}",
    "{area}",
    "#",
    ";",
    "\u2028",
    "import os",
    '"; import os; os.system("x"); "',
    "__import__('os')",
    "\\N{SPACE}",
    "\\x22",
    "..",
    "/",
    "%s",
    "$(id)",
]
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*BREAKING, "kestara", "2026-W46", "en"]), max_size=4).map("".join),
    st.sampled_from(sorted(RIGHT.values())).flatmap(
        lambda right: st.sampled_from(BREAKING).map(lambda wrong: right + wrong)
    ),
)


def is_constants_only(source: str, expected: dict[str, str]) -> bool:
    """Whether a cell is one plain assignment of each expected text to its name, and nothing else."""
    found = {}
    for statement in ast.parse(source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))):
                found[name] = value
            case _:
                return False
    return found == expected


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries(dict.fromkeys(PARAMETERS, TEXTS)))
def test_no_text_becomes_code(texts: dict[str, str]) -> None:
    """Papermill's cell assigns five constants whatever they hold, and only five plain forms get there."""
    from papermill.translators import translate_parameters

    with suppress(ParameterError):
        accepted = checked(texts).values()
        assert all(text.isascii() and not set(text) & set("\"'\\\n\r{}#; /") for text in accepted)
    if not any("\ud800" <= letter <= "\udfff" or letter == "\x00" for letter in "".join(texts.values())):
        source = translate_parameters("python3", "python", texts, "Parameters")
        assert is_constants_only(source, texts)


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("wrong", ["", " ", *BREAKING])
def test_each_parameter_has_its_form(name: str, wrong: str) -> None:
    """A value that breaks out of its form is refused by the parameter's name, before papermill sees it."""
    assert checked(RIGHT) == RIGHT
    for value in (wrong, RIGHT[name] + wrong if wrong else wrong, wrong + RIGHT[name] if wrong else wrong):
        with pytest.raises(ParameterError, match=f"The parameter {name} is not"):
            checked({**RIGHT, name: value})


@pytest.mark.parametrize("wrong", [7, None, True, b"kestara", ["kestara"], {"kestara": 1}])
def test_a_parameter_is_text_and_nothing_else(wrong: object) -> None:
    """A number, a list or a subclass of text is refused: papermill would write it out its own way."""

    class Sly(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "__import__('os')"

    for value in (wrong, Sly("kestara")):
        with pytest.raises(ParameterError, match="area"):
            checked({**RIGHT, "area": value})  # type: ignore[dict-item]  # what a caller may do wrong


def test_weeks_and_instants_exist() -> None:
    """Week 54, a thirteenth month and an instant without a zone are none."""
    wrong = {
        "week": ("2026-W54", "2026-W00", "2026-46"),
        "as_of": ("2026-13-01T00:00:00Z", "2026-11-16T06:00:00"),
    }
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(ParameterError, match=name):
                checked({**RIGHT, name: value})


def test_a_run_refuses_before_it_makes_anything(tmp_path: Path) -> None:
    """No kernel, no folder: `run` checks first."""
    notebook = small_notebook.write(tmp_path / "made.ipynb")
    with pytest.raises(ParameterError, match="audience"):
        run(notebook, {**RIGHT, "audience": "x'); import os"}, view=tmp_path, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()
