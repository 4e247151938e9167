"""The grammar that comes with JupyterLab: a stand-in until it is asked, and then the real one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REAL = """
print("built")


def is_valid_syntax(rule, text):
    return (rule, text) == ("iri", "https://a.example/\\u00f6")
"""
ASKED = """
import importlib.util, sys
from workbench.kernels import defer_grammar
defer_grammar()
print(importlib.util.find_spec("rfc3987_syntax").name)
from rfc3987_syntax import is_valid_syntax as asked
print("imported")
print(asked("iri", "https://a.example/\\u00f6"), asked("iri", "not one"))
print("stands in" in (sys.modules["rfc3987_syntax"].__doc__ or ""))
"""


def test_the_grammar_is_built_when_it_is_asked_for(tmp_path: Path) -> None:
    """Importing it builds nothing; the first question does, once, and the answers are the real one's."""
    (tmp_path / "rfc3987_syntax.py").write_text(REAL, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{ASKED}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.split("\n") == ["rfc3987_syntax", "imported", "built", "True False", "False", ""]


def test_where_it_is_not_installed_nothing_stands_in() -> None:
    """Without the grammar an import of it fails as before."""
    asked = (
        "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p] + sys.path[:0]\n"
        "import importlib.util as u; from workbench.kernels import _grammar\n"
        "_grammar.GRAMMAR = 'a_grammar_that_is_nowhere'; _grammar.defer_grammar()\n"
        "print('a_grammar_that_is_nowhere' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "False\n"
