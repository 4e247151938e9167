"""Codes: what stands in the place of ids, and the way back for those who have the store."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tests.conftest import code_of
from workbench import sample, view
from workbench.config import Office
from workbench.records import record_type
from workbench.view import Request, View, store_of
from workbench.view._codes import pseudonyms, renumbered
from workbench.view._lookup import Named

_, SECOND = sample.DELIVERIES


def view_of(office: Office, audience: str) -> View:
    """Return the view of W46 in Kestara after the second delivery."""
    return view.make(
        office, store_of(office), Request(area="kestara", week="2026-W46", audience=audience, as_of=SECOND)
    )


def test_nobody_reads_the_key_of_a_name(sample_office: Office) -> None:
    """Entries of one person share a code, which is another for each audience; the key is in no view."""
    store = store_of(sample_office)
    keys = set(store.read(record_type("liaison_entry"), as_of=view.present(sample_office, store))["name_ref"])
    codes = {}
    for audience in ("leadership", "internal"):
        seen = view_of(sample_office, audience)
        codes[audience] = set(seen.table("liaison_entry")["name_ref"].dropna())
        assert codes[audience]
        assert codes[audience].isdisjoint(keys)
        names = store.read(record_type("interlocutor"), as_of=view.present(sample_office, store))["name"]
        assert set(names) <= set(view.hidden_values(store, seen))
        assert "interlocutor" not in seen.tables
    assert codes["leadership"].isdisjoint(codes["internal"])
    assert "name_ref" not in view_of(sample_office, "unct").table("liaison_entry")


def test_a_code_leads_back_to_its_record_for_its_audience_alone(sample_office: Office) -> None:
    """The code of an id finds it again, however it is typed; the same code of other readers finds nothing."""
    store, seen = store_of(sample_office), view_of(sample_office, "internal")
    name = sorted(store.read(record_type("commitment"), as_of=SECOND + pd.Timedelta(hours=1))["record_id"])[0]
    code = code_of(seen)(name)
    found = Named("commitment", "commitments", name)
    assert found in view.records_of(sample_office, store, "internal", f" {code.lower()} ")
    assert found not in view.records_of(sample_office, store, "unct", code)


@dataclass(frozen=True)
class Alike:
    """Keys that give every value the same six letters: what happens once in a thousand million pairs."""

    def pseudonym(self, audience: str, kind: str, value: str) -> str:  # noqa: ARG002  # as keys do
        """Return the same for all values, but for the longer code."""
        return value if "longer" in kind else "AAAAAA"


def test_two_records_never_share_a_code() -> None:
    """Where six letters are not enough, both have twelve: one code for two incidents would merge them."""
    codes = pseudonyms(Alike(), "internal", "record", ["B", "A", "B"])  # type: ignore[arg-type]  # as keys do
    assert codes == {"A": "AAAAAAA", "B": "AAAAAAB"}


def test_numbers_do_not_skip_what_is_not_there() -> None:
    """Statements 1, 2 and 4 of a part are 1, 2 and 3 to who may not read the third; others are untouched."""
    rows = pd.DataFrame(
        {"week": ["W1"] * 4, "part": ["a", "a", "a", "b"], "position": pd.Series([4, 1, 2, 7], dtype="Int64")}
    )
    assert renumbered(rows)["position"].tolist() == [3, 1, 2, 1]
