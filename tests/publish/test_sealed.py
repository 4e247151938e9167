"""Names of the sealed table, where somebody typed one into a text."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from tests.conftest import edit, put_rows
from workbench import document, gate, sample, view
from workbench.config import Office, load
from workbench.errors import DisclosureRefused
from workbench.publish import Order, checked, publish
from workbench.view import store_of

AT = sample.DELIVERIES[-1] + timedelta(minutes=1)


def sealed_name(office: Office) -> str:
    """Return a name of the sample's sealed table."""
    names = [one.split() for one in view.sealed_values(store_of(office)) if one[0].isalpha()]
    return next(" ".join(parts) for parts in names if len(parts) == 2 and min(map(len, parts)) > 1)


def test_a_sealed_name_in_a_text_stops_the_edition(own_office: Office) -> None:
    """A name typed into a note is refused to readers who may read the note; not even leadership has it."""
    name = sealed_name(own_office)
    entry = {
        "record_id": "L1", "level": "internal", "occurred_on": "2026-11-11", "officer": "x",
        "organisation": "Police post", "organisation_kind": "police", "summary": f"Met {name} at the gate.",
        "district": "KS0101", "district_name": "Kuro", "admin1": "KS01",
    }  # fmt: skip
    put_rows(own_office, "liaison_entry", entry, source="liaison", at=AT)
    order = Order("weekly_conflict", "kestara", "2026-W46", "leadership", "en", AT + timedelta(hours=1))
    with pytest.raises(DisclosureRefused, match="forbidden_value in briefing") as refused:
        publish(own_office, store_of(own_office), order, progress=lambda _: None)
    assert name not in str(refused.value)


def test_a_sealed_name_in_what_the_office_wrote_is_not_permitted(own_office: Office) -> None:
    """In a standing note, under "prepared by", in a source's title or an own template."""
    name = sealed_name(own_office)
    title = own_office.source_called("meridian").title
    edit(
        own_office.root,
        {
            'prepared_by = "Security liaison and analysis desk"': f'prepared_by = "{name}"',
            "\nfictional = true": f'\nstanding_note = "Ask {name}, by day."\nfictional = true',
            f'title = "{title}"': f'title = "Rows of {name}"',
        },
    )
    own = own_office.path("templates")
    shutil.copytree(document.templates(None), own, dirs_exist_ok=True)
    page = own / "briefing.html.j2"
    page.write_text(page.read_text(encoding="utf-8") + f"<p>Written by {name}.</p>", encoding="utf-8")
    office = load(own_office.root)
    store = store_of(office)
    seen = view.make(office, store, view.Request("kestara", "2026-W46", "internal", AT))
    values = checked.values_of(office, store, seen)
    assert not [text for text in values.permitted if name in text]
    assert name in values.forbidden
    assert name in values.sealed
    names = seen.districts["district_name"].tolist()
    assert {seen.area.name, seen.audience.name, office.name, *names} <= set(values.permitted)


def test_what_names_nobody_stays_permitted(own_office: Office) -> None:
    """Texts without a sealed name may be said; one that spells it otherwise may not."""
    name = sealed_name(own_office)
    first, last = name.split()
    texts = ["Met the commander.", f"Met {name.upper()}.", f"Met {first}-{last}", ""]
    sealed = view.sealed_values(store_of(own_office))
    assert gate.unsaid(texts, sealed) == ["", "Met the commander."]
