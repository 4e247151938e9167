"""What a kernel keeps between two views changes no view."""

from __future__ import annotations

from datetime import timedelta

from tests.conftest import edit, put_rows
from workbench.config import Office
from workbench.view import Request, content_digest, make, present, save, store_of
from workbench.view._standing import Kept


def test_the_same_view_byte_for_byte(sample_office: Office, tmp_path) -> None:
    """Weeks, readers and instants in turn through one memory: each view is that made without it."""
    store, memory = store_of(sample_office), Kept()
    now = present(sample_office, store)
    for number, (week, audience, as_of) in enumerate(
        [
            ("2026-W46", "leadership", now), ("2026-W45", "leadership", now), ("2026-W45", "partners", now),
            ("2026-W44", "leadership", now - timedelta(days=7)), ("2026-W44", "public", now),
            ("2026-W40", "partners", now),
        ]
    ):  # fmt: skip
        request = Request("kestara", week, audience, as_of)
        views = [make(sample_office, store, request, memory=one) for one in (memory, None)]
        digests = {save(view, tmp_path / f"{number}-{place}") for place, view in enumerate(views)}
        assert len(digests) == 1
        assert len({view.own_ids for view in views}) == 1


def test_a_pull_in_between_is_seen(own_office: Office) -> None:
    """A row that was closed, and one that came, hold in the next view of a kernel."""
    store, memory = store_of(own_office), Kept()
    request = Request("kestara", "2026-W46", "internal", present(own_office, store) + timedelta(days=1))
    first = make(own_office, store, request, memory=memory)
    put_rows(
        own_office, "commitment",
        {"record_id": "new", "level": "internal", "made_on": "2026-11-10", "text": "Canary"},
        source="commitments", at=present(own_office, store) + timedelta(seconds=1),
    )  # fmt: skip
    later = [make(own_office, store, request, memory=one) for one in (memory, None)]
    assert len(later[0].table("commitment")) == len(first.table("commitment")) + 1
    assert len({content_digest(one) for one in later}) == 1


def test_an_office_that_says_something_else_is_read_anew(own_office: Office) -> None:
    """A level that is lowered in workbench.toml holds at once, also for what was read before."""
    store, memory = store_of(own_office), Kept()
    request = Request("kestara", "2026-W46", "internal", present(own_office, store))
    wide = make(memory.office(own_office.root), store, request, memory=memory)
    assert memory.office(own_office.root) is memory.office(own_office.root)
    edit(
        own_office.root,
        {'level = "confidential"\ncompartments = []': 'level = "internal"\ncompartments = []'},
    )
    narrow = make(memory.office(own_office.root), store, request, memory=memory)
    assert len(narrow.table("incident")) < len(wide.table("incident"))
