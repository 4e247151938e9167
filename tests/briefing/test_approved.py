"""Approvals: a scheduled run takes only notebooks that somebody of the office has read as they are."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests import small_notebook
from workbench import audit, briefing
from workbench.briefing import approval, approve, approve_shipped, require_approval, states
from workbench.cli import app
from workbench.config import Office
from workbench.errors import ConfigurationError, DisclosureRefused, ParameterError

AT = datetime(2026, 11, 16, 7, 30, 12, 999, tzinfo=UTC)
NOTEBOOK = Path("notebooks/weekly_conflict.ipynb")


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_an_approval_is_of_these_bytes(own_office: Office) -> None:
    """One space more and the notebook is no longer approved; the refusal says how to approve it."""
    made = approve(own_office, NOTEBOOK, by="Amal Sow", at=AT)
    file = own_office.root / NOTEBOOK
    assert approval(own_office, NOTEBOOK) == approval(own_office, file) == made
    assert require_approval(own_office, file, digest(file)) == made
    file.write_bytes(file.read_bytes() + b" ")
    assert approval(own_office, NOTEBOOK) is None
    with pytest.raises(
        DisclosureRefused, match=r"is not as Amal Sow approved it on 2026-11-16 07:30"
    ) as refused:
        require_approval(own_office, file, digest(file))
    assert "workbench approve notebooks/weekly_conflict.ipynb --by" in str(refused.value)
    again = approve(own_office, NOTEBOOK, by="Amal Sow", at=AT)
    assert again.digest != made.digest
    assert approval(own_office, NOTEBOOK) == again


def test_a_notebook_nobody_approved_is_refused(own_office: Office) -> None:
    """The refusal names it, and its approval does not approve another notebook with the same bytes."""
    approve(own_office, NOTEBOOK, by="Amal Sow", at=AT)
    other = own_office.root / "notebooks" / "copy.ipynb"
    other.write_bytes((own_office.root / NOTEBOOK).read_bytes())
    with pytest.raises(DisclosureRefused, match=r"notebooks/copy\.ipynb has not been approved"):
        require_approval(own_office, other, digest(other))


def test_the_record_is_for_people_and_programs(own_office: Office) -> None:
    """approved.toml holds path, digest, name and time, and the audit log the digest and the name."""
    made = approve(own_office, NOTEBOOK, by='Amal "A." Sow', at=AT)
    text = (own_office.root / briefing.APPROVED).read_text(encoding="utf-8")
    at = AT.replace(microsecond=0)
    assert tomllib.loads(text)["notebook"] == [
        {
            "path": NOTEBOOK.as_posix(),
            "sha256": made.digest,
            "by": 'Amal "A." Sow',
            "at": at,
        }
    ]
    assert text.startswith("# Notebooks that this office has read")
    last = audit.acts(own_office)[-1]
    assert (last.act, last.by, last.ids) == ("approved_notebook", 'Amal "A." Sow', {"notebook": made.digest})
    assert [one.name for one in own_office.root.glob(".approved*")] == []


@pytest.mark.parametrize("held", ["outputs", "execution_count", "attachments"])
def test_a_notebook_with_outputs_is_refused(held: str, own_office: Office) -> None:
    """Outputs may hold rows, and would be approved unseen: the refusal names the cell and the remedy."""
    file = own_office.root / NOTEBOOK
    content = json.loads(file.read_text(encoding="utf-8"))
    value = {"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}], "execution_count": 3,
             "attachments": {"x.png": {"image/png": "AA=="}}}[held]  # fmt: skip
    number = next(n for n, cell in enumerate(content["cells"], start=1) if cell["cell_type"] == "code")
    content["cells"][number - 1][held] = value
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ParameterError, match=rf"cell {number}.*Clear Outputs"):
        approve(own_office, NOTEBOOK, by="Amal Sow", at=AT)
    assert not (own_office.root / briefing.APPROVED).exists()


def test_what_cannot_be_approved(own_office: Office, tmp_path: Path) -> None:
    """No name, no notebook, a file that is none, or one outside the office."""
    for name in ("", "  ", "\n", "hidden\u202e"):
        with pytest.raises(ParameterError, match="--by"):
            approve(own_office, NOTEBOOK, by=name, at=AT)
    with pytest.raises(ConfigurationError, match="There is no notebook"):
        approve(own_office, Path("notebooks/none.ipynb"), by="Amal Sow", at=AT)
    outside = small_notebook.write(tmp_path / "outside.ipynb")
    with pytest.raises(ConfigurationError, match="outside the office"):
        approve(own_office, outside, by="Amal Sow", at=AT)
    (own_office.root / "notebooks" / "text.ipynb").write_text("[]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not a notebook"):
        approve(own_office, Path("notebooks/text.ipynb"), by="Amal Sow", at=AT)


@pytest.mark.parametrize("content", ["x", "[[notebook]]\npath = 1", "notebook = 7", "\x00"])
def test_a_damaged_record_approves_nothing(content: str, own_office: Office) -> None:
    """Where approved.toml cannot be read, no notebook counts as approved: the error says what to do."""
    (own_office.root / briefing.APPROVED).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"approved\.toml"):
        approval(own_office, NOTEBOOK)


def test_shipped_notebooks_are_approved_as_shipped(own_office: Office) -> None:
    """A changed copy is not, and an approval that stands is not overwritten."""
    changed = own_office.root / "notebooks" / "data_quality.ipynb"
    changed.write_bytes(changed.read_bytes() + b"\n")
    approve(own_office, Path("notebooks/district_profile.ipynb"), by="Amal Sow", at=AT)
    made = approve_shipped(own_office.root, at=AT)
    assert "notebooks/weekly_conflict.ipynb" in {one.notebook for one in made}
    assert all(one.by.startswith("workbench ") for one in made)
    told = {name: (state, known.by if known else "") for name, state, known in states(own_office)}
    assert told["notebooks/data_quality.ipynb"] == ("unknown", "")
    assert told["notebooks/district_profile.ipynb"] == ("approved", "Amal Sow")
    assert approve_shipped(own_office.root, at=AT) == ()


def test_the_command_line_approves_lists_and_refuses(own_office: Office) -> None:
    """`run --approved-only` exits 13 for an unapproved notebook and publishes nothing; then it runs."""
    office = ["--office", str(own_office.root)]
    small_notebook.put(own_office, small_notebook.COUNTS)
    invoke = CliRunner().invoke
    order = ["run", "weekly_conflict", "--audience", "partners", "--approved-only", *office]
    refused = invoke(app, order)
    assert isinstance(refused.exception, DisclosureRefused)
    assert not own_office.path(own_office.outputs).joinpath("partners").exists()
    listed = invoke(app, ["approve", *office], env={"COLUMNS": "150"})
    assert [line.split()[1] for line in listed.stdout.splitlines() if "weekly" in line] == ["unknown"]
    assert isinstance(invoke(app, ["approve", str(NOTEBOOK), *office]).exception, ParameterError)
    assert invoke(app, ["approve", str(NOTEBOOK), "--by", "Amal Sow", *office]).exit_code == 0
    done = invoke(app, order)
    assert done.exit_code == 0, done.exception
    file = own_office.root / NOTEBOOK
    os.utime(file)
    listed = invoke(app, ["approve", *office], env={"COLUMNS": "150"})
    assert "approved" in next(line for line in listed.stdout.splitlines() if "weekly" in line)
    file.write_bytes(file.read_bytes() + b"\n")
    listed = invoke(app, ["approve", *office], env={"COLUMNS": "150"})
    assert "changed" in next(line for line in listed.stdout.splitlines() if "weekly" in line)


def test_what_runs_is_what_was_read(own_office: Office) -> None:
    """A notebook changed between the check and its execution does not run: the bytes are taken once."""
    from workbench.publish import Order, publish
    from workbench.view import store_of

    file = small_notebook.put(own_office, small_notebook.COUNTS)
    approve(own_office, NOTEBOOK, by="Amal Sow", at=AT)
    genuine = file.read_bytes()

    def swap(step: str) -> None:
        if step == "reading the store":
            small_notebook.put(own_office, "raise SystemExit")

    order = Order("weekly_conflict", "kestara", "2026-W46", "partners", "en", own_office.now())
    done = publish(own_office, store_of(own_office), order, progress=swap, approved_only=True)
    assert done.manifest.digests["notebook"] == hashlib.sha256(genuine).hexdigest()
    assert file.read_bytes() != genuine
