"""House rules that no single room can check: imports, notebooks, commands, words, versions."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import workbench

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DESK = {"assess", "explore", "log", "start", "triage"}
"""Notebooks that analysts work in; every other one is a briefing."""
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_imports_point_down_only() -> None:
    """Rooms import lower rooms only, and each third-party library has its home (pyproject.toml)."""
    done = subprocess.run([sys.executable, "-c", LINT_IMPORTS],
                          cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_clean_page(notebook: Path) -> None:
    """Committed notebooks hold no outputs, at most 15 code cells, no def or class, and open nothing."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) <= 15
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in code))
    forbidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Try, ast.With)
    assert not [node for node in ast.walk(tree) if isinstance(node, forbidden)]
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= {"workbench"}
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"open", "exec", "eval", "print", "__import__"}


def test_a_notebook_is_a_briefing_or_one_of_the_desk() -> None:
    """Every notebook but the desk's is a briefing of the sample office, and none of the desk's is one."""
    configured = tomllib.loads((ROOT / "workbench.toml").read_text(encoding="utf-8"))["briefing"]
    named = {Path(one["notebook"]).stem for one in configured}
    assert {one.stem for one in NOTEBOOKS} - DESK == named
    assert not named & DESK


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_keeps_the_house_rules(module: Path) -> None:
    """No assert at a safety boundary, no vague name, and no file that has outgrown its room."""
    source = module.read_text(encoding="utf-8")
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    assert not {"utils", "helpers", "common", "manager"} & {module.stem, module.parent.name}
    assert len(source.splitlines()) <= 460


def test_every_file_is_opened_with_a_stated_encoding() -> None:
    """Text is read and written as UTF-8 by name, so that a Windows laptop writes the same bytes."""
    missing = [
        f"{module.name}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"read_text", "write_text"}
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]
    assert not missing


def test_the_changelog_names_this_version() -> None:
    """The newest entry of the changelog is the version of the package."""
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == workbench.__version__


def test_help_is_quick_to_load() -> None:
    """`workbench --help` loads none of the heavy libraries."""
    script = (
        "import sys, workbench.cli;"
        "heavy={'pandas','altair','nbconvert','deltalake','papermill','typst','scipy','vl_convert','shapely'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_of_this_machine_is_in_the_tree() -> None:
    """No tracked text file names a home folder or a build machine's path."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|home|Users)/|/ro" + r"ot/")
    found = []
    for name in filter(None, tracked.stdout.split("\0")):
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        found += [f"{name}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    assert not found


def test_every_lint_exception_has_a_reason() -> None:
    """Each ignored rule in pyproject.toml, and each noqa or type-ignore in code, says why."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = lines.index("ignore = [")
    rules = lines[start + 1 : lines.index("]", start)]
    assert all("#" in line for line in rules)
    bare = [
        f"{module.name}:{n}"
        for module in MODULES
        for n, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"# (noqa|type: ignore)", line)
        and not re.search(r"# (noqa|type: ignore)(: ?[A-Z0-9, ]+|\[[a-z, -]+\])?[\s#(-]*\w+ \w+", line)
    ]
    assert not bare


def test_what_the_readme_names_is_there() -> None:
    """Every command the README shows exists, and every command has its place in the README."""
    from typer.main import get_command

    from workbench.cli import app

    commands = set(get_command(app).commands)  # type: ignore[attr-defined]  # a typer app with several commands is a group
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(
        re.findall(
            r"\bworkbench ([a-z]+)\b(?! office)",
            "\n".join(re.findall(r"`[^`]+`|```.*?```", readme, re.DOTALL)),
        )
    )
    assert commands <= shown
    assert shown - commands <= {"workbench"}
    documented = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert documented["project"]["scripts"] == {"workbench": "workbench.cli:main"}


def test_every_command_shows_an_example() -> None:
    """The help of each command ends with a line to copy."""
    from typer.main import get_command

    from workbench.cli import app

    group = get_command(app)
    bare = [
        name
        for name, command in group.commands.items()
        if f"Example: workbench {name}" not in (command.help or "")
    ]  # type: ignore[attr-defined]  # as above
    assert not bare
