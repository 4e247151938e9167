"""`workbench gate` on packs of the sample office."""

from __future__ import annotations

from typer.testing import CliRunner

from workbench.cli import app
from workbench.errors import DisclosureRefused, UserError
from workbench.publish import Order, publish
from workbench.view import present, store_of


def _gate(office, folder):
    return CliRunner().invoke(app, ["gate", str(folder), "--office", str(office.root)])


def test_a_published_pack_passes_and_one_with_a_stranger_does_not(own_office):
    """A pack that was let out passes again; with another file in it, exit code 13, and the rule is named."""
    store = store_of(own_office)
    order = Order(
        "weekly_conflict", own_office.area[0].slug, own_office.last_complete_week().slug, "partners",
        own_office.languages[0], present(own_office, store),
    )  # fmt: skip
    folder = publish(own_office, store, order, progress=lambda _: None).folder
    done = _gate(own_office, folder)
    assert done.exit_code == 0, done.output
    assert "Passed" in done.output
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    done = _gate(own_office, folder)
    assert isinstance(done.exception, DisclosureRefused)
    assert done.exception.exit_code == 13
    assert "unknown_part" in done.output
    assert "notes" not in done.output


def test_what_is_no_pack_is_said(own_office, tmp_path):
    """A folder without a manifest is a mistake of the caller, not a finding."""
    done = _gate(own_office, tmp_path)
    assert isinstance(done.exception, UserError)
    assert "no pack" in str(done.exception)
