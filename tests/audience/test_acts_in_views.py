"""Acts on record in the views of a whole office: from which pull on a row is seen, and by whom."""

from __future__ import annotations

from datetime import timedelta

from workbench import sample
from workbench.config import Office
from workbench.pull import pull_all
from workbench.view import Request, make, store_of

MADE = "2026-01-19"
"""Day of the commitment that the sample's act is about; no other was made on it."""


def seen_by(office: Office, audience: str, *, as_of) -> set[str]:
    """Days of the commitments in the view of an audience, as known at an instant."""
    request = Request("kestara", "2026-W45", audience, as_of)
    return set(make(office, store_of(office), request).table("commitment")["made_on"].dt.strftime("%Y-%m-%d"))


def test_an_act_of_the_sample_office_shows_its_row_from_its_delivery_on(sample_office: Office) -> None:
    """The row lowered on 12 November is in the view of the country team after that pull only."""
    first, second = sample.DELIVERIES
    assert MADE not in seen_by(sample_office, "unct", as_of=first + timedelta(hours=1))
    assert MADE in seen_by(sample_office, "unct", as_of=second + timedelta(hours=1))
    assert MADE in seen_by(sample_office, "internal", as_of=first + timedelta(hours=1))


def test_no_edition_but_of_all_holds_the_register(sample_office: Office) -> None:
    """Nobody who does not read everything is told that there is a register of label changes."""
    for reader in sample_office.audience:
        request = Request("kestara", "2026-W46", reader.slug, sample.DELIVERIES[1])
        seen = make(sample_office, store_of(sample_office), request)
        assert ("label_changes" in set(seen.sources["source"])) == (reader.slug == "leadership")
        assert "label_change" not in seen.tables


def test_an_act_taken_back_closes_the_row_again(own_office: Office) -> None:
    """When the register no longer holds the act, the row is closed to all that it was opened for, at any
    as-of instant: also where nothing else was delivered, and readers may not know that the register was.
    """
    register = own_office.root / "data/office/label_changes.csv"
    lines = register.read_text(encoding="utf-8").splitlines()
    register.write_text(lines[0] + "\n", encoding="utf-8")
    later = sample.DELIVERIES[1] + timedelta(minutes=30)
    then = sample.DELIVERIES[1] + timedelta(minutes=5)
    assert MADE in seen_by(own_office, "unct", as_of=then)
    _, failures = pull_all(own_office, store_of(own_office), ["label_changes"], at=later, accept_shrink=True)
    assert not failures
    assert MADE not in seen_by(own_office, "unct", as_of=later + timedelta(minutes=5))
    assert MADE not in seen_by(own_office, "unct", as_of=then)
    assert MADE in seen_by(own_office, "internal", as_of=then)
