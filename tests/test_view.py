"""The view: what one run may see, when it was known, and how it is kept and found again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import edit, frame, put_rows
from workbench import sample, view
from workbench.audience import COUNTED
from workbench.config import Office, load
from workbench.errors import ParameterError, StoreError, UnknownName, UserError
from workbench.pull import pull
from workbench.records import record_names, record_type
from workbench.view import VARIABLE, Request, View, store_of

FIRST, SECOND = sample.DELIVERIES
AN_HOUR, A_SECOND = timedelta(hours=1), timedelta(seconds=1)
LABEL = {"level": "public", "record_id": "X1"}
INCIDENT = LABEL | {
    "occurred_on": "2026-11-11", "occurred_to": "2026-11-11", "date_precision": "day",
    "event_type": "armed_clash", "threat_category": "armed_conflict",
}  # fmt: skip


def view_of(office: Office, audience: str = "internal", **changes: object) -> View:
    """Return the view of W46 in Kestara as known an hour after the second delivery, changed as named."""
    asked = {"area": "kestara", "week": "2026-W46", "as_of": SECOND + AN_HOUR} | changes
    return view.make(office, store_of(office), Request(audience=audience, **asked))


APART = {"tables", "sources", "districts", "own_ids"}


def same(one: View, other: View) -> bool:
    """Whether two views are equal in every part."""
    kept = [name for name in View.__dataclass_fields__ if name not in APART]
    assert [getattr(one, name) for name in kept] == [getattr(other, name) for name in kept]
    assert sorted(one.tables) == sorted(other.tables)
    for name in one.tables:
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])
    pd.testing.assert_frame_equal(one.sources, other.sources)
    pd.testing.assert_frame_equal(
        one.districts.drop(columns="geometry"), other.districts.drop(columns="geometry")
    )
    assert [shape.wkb for shape in one.districts["geometry"]] == [s.wkb for s in other.districts["geometry"]]
    return True


# --- When ----------------------------------------------------------------------------------------


def test_every_instant_between_two_deliveries_gives_one_view(sample_office: Office, tmp_path: Path) -> None:
    """As-of is moved back to the last delivery: the views are equal and have one digest."""
    cut_off = view.cut_off(sample_office, store_of(sample_office), "internal", SECOND + AN_HOUR)
    assert cut_off == SECOND
    digests = set()
    for number, as_of in enumerate((cut_off, SECOND + AN_HOUR, SECOND + timedelta(days=300))):
        seen = view_of(sample_office, as_of=as_of)
        assert seen.as_of == cut_off
        digests.add(view.save(seen, tmp_path / str(number)))
    assert len(digests) == 1
    earlier = view_of(sample_office, week="2026-W45", as_of=cut_off - timedelta(days=1))
    assert earlier.as_of == FIRST


def test_a_view_knows_only_what_was_known(sample_office: Office) -> None:
    """As of the first delivery W45 has fewer incidents than as of the second, which tells of late ones."""
    then = view_of(sample_office, week="2026-W45", as_of=FIRST + AN_HOUR)
    now = view_of(sample_office, week="2026-W45")
    first = pd.Timestamp(then.week.first_day)
    rows = [one.table("incident") for one in (then, now)]
    of_week = [one[one["occurred_on"] >= first] for one in rows]
    assert len(of_week[0]) < len(of_week[1])
    assert then.compared_with is None
    assert then.before("incident").empty


def test_the_state_before_is_that_of_the_last_issue(sample_office: Office) -> None:
    """`before` holds what was known at the cut-off compared with: enough to count by, and no text."""
    seen = view_of(sample_office)
    assert seen.compared_with == FIRST
    before = seen.before("incident")
    then = view_of(sample_office, week="2026-W45", as_of=FIRST + AN_HOUR).table("incident")
    # the earlier view reaches one week further back
    then = then[then["occurred_on"] >= pd.Timestamp(seen.week.back(view.WEEKS_OF_HISTORY).first_day)]
    kept = [name for name in then if name in COUNTED]
    # groups are numbered anew in each view: of what is in it
    assert before["dup_group"].isna().tolist() == then["dup_group"].isna().tolist()
    pd.testing.assert_frame_equal(
        before.drop(columns="dup_group"), then[kept].drop(columns="dup_group").reset_index(drop=True)
    )
    assert {"releasable_text", "narrative", "headline"}.isdisjoint(before.columns)
    assert before["occurred_on"].max() <= pd.Timestamp(seen.week.back(1).last_day)


def test_another_issue_can_be_compared_with(sample_office: Office) -> None:
    """A cut-off that is asked for is moved back to a delivery, and never lies after the view's own."""
    seen = view_of(sample_office, compared_with=SECOND + timedelta(days=9))
    assert seen.compared_with == seen.as_of
    assert view_of(sample_office, compared_with=FIRST - AN_HOUR).compared_with is None


def test_a_view_reaches_from_its_week_back(sample_office: Office) -> None:
    """Incidents and entries end with the week and begin 110 weeks before; what lasts is there whole."""
    seen = view_of(sample_office, week="2026-W45")
    assert seen.week.last_day == date(2026, 11, 8)
    for name in ("incident", "liaison_entry", "alert"):
        days = seen.table(name)["occurred_on"]
        assert days.max() <= pd.Timestamp(2026, 11, 8)
        assert days.min() >= pd.Timestamp(seen.week.back(view.WEEKS_OF_HISTORY).first_day)
    held = store_of(sample_office).read(record_type("commitment"), as_of=seen.as_of + A_SECOND)
    oldest = held["made_on"].min()
    assert oldest in set(seen.table("commitment")["made_on"])


def test_days_are_counted_from_the_end_of_the_week_or_from_what_was_known(own_office: Office) -> None:
    """`on` is the last day of the week; while the week is running it is the day of the last delivery."""
    over = view_of(own_office)
    assert (over.on, over.week_is_over) == (date(2026, 11, 15), True)
    running = view_of(own_office, week="2026-W47")
    assert (running.on, running.week_is_over) == (date(2026, 11, 16), False)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"area": "atlantis"}, UnknownName, "kestara"),
        ({"audience": "everyone"}, UnknownName, "partners"),
        ({"week": "2026-W48"}, ParameterError, "has not begun"),
        ({"week": "W46"}, ParameterError, "2026-W46"),
        ({"as_of": FIRST - AN_HOUR}, UserError, "workbench pull"),
        ({"as_of": FIRST + AN_HOUR, "week": "2026-W47"}, ParameterError, "before week 2026-W47 began"),
    ],
)
def test_what_cannot_be_seen_is_said(
    changes: dict[str, object], error: type[UserError], said: str, sample_office: Office
) -> None:
    """Unknown names, weeks to come and instants before the first delivery each have their error."""
    with pytest.raises(error, match=said):
        view_of(sample_office, **changes)


def test_the_present_is_never_before_the_last_delivery(own_office: Office) -> None:
    """Where the office's clock stands still, what was delivered after it is known all the same."""
    assert view.present(own_office, store_of(own_office)) == own_office.now()
    later = put_rows(
        own_office, "incident", INCIDENT, source="meridian", at=own_office.now() + timedelta(days=2)
    )
    assert view.present(own_office, store_of(own_office)) == later


# --- Where and who -------------------------------------------------------------------------------


def test_an_area_has_its_districts_and_its_unplaced_rows(
    sample_office: Office, office_edited: Callable[..., Office]
) -> None:
    """Rows of its districts are in, and those of its province in no district; other provinces are out."""
    districts = sample_office.area[0].districts
    office = office_edited({f'"{districts[-1]}"]': "]"})
    places = {
        "inside": {"district": districts[0], "admin1": "KS01"},
        "unplaced": {"admin1": "KS01"},
        "other district": {"district": districts[-1], "admin1": "KS01"},
        "other province": {"district": "XX0101", "admin1": "XX01"},
        "other province, unplaced": {"admin1": "XX01"},
        "nowhere": {},
    }
    rows = [INCIDENT | {"record_id": name} | place for name, place in places.items()]
    put_rows(office, "incident", *rows, source="meridian", at=SECOND + AN_HOUR / 2)
    seen = view_of(office).own_ids
    assert seen & set(places) == {"inside", "unplaced"}
    assert districts[-1] not in set(view_of(office).districts["district"])


def test_an_assessment_belongs_to_its_area(own_office: Office) -> None:
    """What was assessed of another area is not in the view."""
    row = LABEL | {
        "area": "elsewhere", "week": "2026-W46", "occurred_on": "2026-11-09", "part": "judgement",
        "position": 1, "text": "Elsewhere all is well.",
    }  # fmt: skip
    put_rows(own_office, "assessment", row, source="assessments", at=SECOND + AN_HOUR / 2)
    assert set(view_of(own_office).table("assessment")["area"]) == {"kestara"}
    assert row["text"] in view.hidden_values(store_of(own_office), view_of(own_office))


def test_withheld_is_not_the_same_as_none(sample_office: Office) -> None:
    """A record type is None for those who may read none of its sources; tables of others may be empty."""
    partners, internal = view_of(sample_office, "partners"), view_of(sample_office)
    for name in ("liaison_entry", "commitment", "programme_site", "alert"):
        assert partners.known(name) is None
        assert internal.known(name) is not None
    assert partners.known("incident") is not None
    with pytest.raises(ParameterError, match="holds no table"):
        internal.table("nothing")


def test_rows_without_a_readable_day_are_withheld(office_edited: Callable[..., Office]) -> None:
    """A public label on a source of sites does not make its columns public: the type stays None."""
    office = office_edited({
        'attribution = "Kestara field office, programme sites (fictional)"\nlevel = "internal"':
        'attribution = "Kestara field office, programme sites (fictional)"\nlevel = "public"',
    })  # fmt: skip
    seen = view_of(office, "partners")
    assert "programme_sites" in set(seen.sources["source"])
    assert "state_since" not in seen.table("programme_site")
    assert seen.known("programme_site") is None


def test_rejected_rows_are_held_as_their_source(own_office: Office) -> None:
    """A row that could not be read names its file; only those who may name its source see that."""
    row = {
        "level": "internal", "record_id": "r", "occurred_on": "2026-11-11", "record": "incident",
        "file": "data/secret.csv", "row": 7, "column": "occurred_on", "reason": "is not a day",
    }  # fmt: skip
    put_rows(own_office, "rejected_row", row, source="meridian", at=SECOND + AN_HOUR / 2)
    put_rows(own_office, "rejected_row", row, source="nobody", at=SECOND + AN_HOUR / 2)
    seen = view_of(own_office, "leadership").table("rejected_row")
    assert seen.loc[seen["file"] == "data/secret.csv", "source"].tolist() == ["meridian"]
    seen = view_of(own_office).table("rejected_row")
    assert seen["source"].isin(view_of(own_office).sources["source"]).all()
    assert {"record_id", "file", "row"}.isdisjoint(seen.columns)


def test_a_copy_is_given_away(sample_office: Office) -> None:
    """A notebook that changes a table does not change the view."""
    seen = view_of(sample_office)
    del seen.table("incident")["event_type"]
    assert "event_type" in seen.table("incident")


def test_counts_come_from_the_named_publishers(sample_office: Office) -> None:
    """`counted` has the rows of the area's sources only: publishers overlap, and two would double them."""
    seen = view_of(sample_office)
    assert {"meridian", "concord"} <= set(seen.table("incident")["source"])
    assert "concord" not in seen.area.counts_from
    assert set(seen.counted["source"]) == set(seen.area.counts_from)
    assert set(seen.counted_before["source"]) == set(seen.area.counts_from)


# --- What may not be said ------------------------------------------------------------------------


def written(office: Office, view_: View) -> set[str]:
    """Return every text of the store that people wrote, as known at the view's as-of instant."""
    texts: set[str] = set()
    for name in record_names():
        rows = store_of(office).read(record_type(name), as_of=view_.as_of + A_SECOND)
        for column in record_type(name).columns:
            if column.kind == "free_text":
                texts |= set(rows[column.name].dropna())
    return texts


def test_what_is_hidden_and_what_is_shown_share_nothing(sample_office: Office) -> None:
    """Hidden and shown values are disjoint, and together hold every narrative; fewer rights hide more."""
    number = []
    for audience in ("leadership", "internal", "partners"):
        seen = view_of(sample_office, audience)
        hidden = set(view.hidden_values(store_of(sample_office), seen))
        shown = set(view.shown_values(seen))
        assert hidden.isdisjoint(shown)
        assert written(sample_office, seen) <= hidden | shown
        number.append(len(hidden))
    assert number == sorted(number)
    assert len(set(number)) == 3


def test_who_reads_everything_has_little_hidden(sample_office: Office) -> None:
    """From readers of every level and compartment only what lies outside area, time and licence is kept."""
    seen = view_of(sample_office, "leadership")
    hidden = set(view.hidden_values(store_of(sample_office), seen))
    store = store_of(sample_office)
    read = {
        name: store.read(record_type(name), as_of=seen.as_of + A_SECOND)
        for name in ("liaison_entry", "commitment", "programme_site", "alert", "assessment")
    }
    after = seen.week.last_day
    for name, rows in read.items():
        record = record_type(name)
        inside = rows[rows[record.dated_by] <= pd.Timestamp(after)]
        for column in record.columns:
            if column.kind == "free_text":
                assert hidden.isdisjoint(set(inside[column.name].dropna())), (name, column.name)


def test_what_is_dated_after_the_week_is_hidden_too(own_office: Office) -> None:
    """A name in an entry of the day of publication is not in the view, and must not be typed into it."""
    entry = LABEL | {
        "level": "internal", "occurred_on": "2026-11-16", "organisation": "Venstoglu Transport",
        "organisation_kind": "other", "officer": "LO-9", "summary": "He was seen.", "district": "KS0101",
    }  # fmt: skip
    put_rows(own_office, "liaison_entry", entry, source="liaison", at=SECOND + AN_HOUR / 2)
    seen = view_of(own_office, "leadership")
    assert "X1" not in seen.own_ids
    assert "Venstoglu Transport" in view.hidden_values(store_of(own_office), seen)


def test_the_book_of_deliveries_hides_nothing(sample_office: Office) -> None:
    """How deliveries are numbered says nothing about anybody: "Liaison 2" may stand on a page."""
    for audience in ("leadership", "partners"):
        hidden = view.hidden_values(store_of(sample_office), view_of(sample_office, audience))
        assert not {f"{source.slug}/{n}" for source in sample_office.source for n in (1, 2)} & set(hidden)


# --- Kept and found again ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(
    sample_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[View, Path, str]]:
    """Save the view of each audience, and give view, folder and digest."""
    folder = tmp_path_factory.mktemp("views")
    views = {one.slug: view_of(sample_office, one.slug) for one in sample_office.audience}
    return {slug: (one, folder / slug, view.save(one, folder / slug)) for slug, one in views.items()}


@pytest.mark.parametrize("audience", ["leadership", "internal", "partners"])
def test_a_saved_view_reads_as_it_was(
    audience: str, saved: dict[str, tuple[View, Path, str]], tmp_path: Path
) -> None:
    """Reading gives an equal view, whose digest is the same when it is saved again."""
    one, folder, digest = saved[audience]
    again = view.read(folder)
    assert same(one, again)
    assert view.save(again, tmp_path / "again") == digest
    names = sorted(file.name for file in folder.iterdir())
    assert [(tmp_path / "again" / name).read_bytes() for name in names] == [
        (folder / name).read_bytes() for name in names
    ]


def test_audiences_have_views_of_their_own(saved: dict[str, tuple[View, Path, str]]) -> None:
    """The digest names what is in a view: no two audiences share one."""
    assert len({digest for *_, digest in saved.values()}) == len(saved)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_altered_view_is_refused(
    data: st.DataObject, saved: dict[str, tuple[View, Path, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whichever byte of whichever table is changed, reading stops, and does not repeat what it read."""
    _, folder, _ = saved["partners"]
    tables = sorted(file.name for file in folder.glob("*.parquet"))
    name = data.draw(st.sampled_from(tables))
    content = bytearray((folder / name).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    altered = tmp_path_factory.mktemp("altered")
    for file in folder.iterdir():
        shutil.copyfile(file, altered / file.name)
    (altered / name).write_bytes(content)
    with pytest.raises(StoreError, match="altered"):
        view.read(altered)


def test_a_damaged_view_is_refused(saved: dict[str, tuple[View, Path, str]], tmp_path: Path) -> None:
    """A missing table, a broken head and a head of another format are no view."""
    _, folder, _ = saved["partners"]
    for number, damage in enumerate(("missing", "cut", "format")):
        broken = tmp_path / str(number)
        shutil.copytree(folder, broken)
        head = broken / "view.json"
        if damage == "missing":
            (broken / "incident.parquet").unlink()
        elif damage == "cut":
            head.write_bytes(head.read_bytes()[:-40])
        else:
            head.write_text(json.dumps(json.loads(head.read_text(encoding="utf-8")) | {"format": 99}))
        with pytest.raises(StoreError):
            view.read(broken)
    with pytest.raises(StoreError, match="not a saved view"):
        view.read(tmp_path / "nothing")


# --- Opened by a notebook ------------------------------------------------------------------------


def asked(one: View, **changes: str) -> dict[str, str]:
    """Return the parameters that name a view, changed as named."""
    return {
        "area": one.area.slug, "week": one.week.slug, "audience": one.audience.slug,
        "as_of": one.as_of.isoformat(), "language": "en",
    } | changes  # fmt: skip


def test_a_scheduled_run_opens_the_view_it_was_given(
    saved: dict[str, tuple[View, Path, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The saved view is opened if the parameters name it; any other parameter is refused."""
    one, folder, _ = saved["internal"]
    monkeypatch.setenv(VARIABLE, str(folder))
    assert same(view.open_view(**asked(one)).view, one)
    for wrong in (
        {"area": "elsewhere"}, {"week": "2026-W45"}, {"audience": "leadership"},
        {"as_of": "2026-11-16T06:00:01+00:00"}, {"audience": ""},
    ):  # fmt: skip
        with pytest.raises(ParameterError, match="not those of the view"):
            view.open_view(**asked(one, **wrong))


def test_by_hand_a_notebook_picks_the_narrowest_audience(
    sample_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing named means first area, last complete week, least-reading audience, now, first language."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(sample_office.path("notebooks"))
    edition = view.open_view(area="", week="", audience="", as_of="", language="")
    assert edition.view.audience.slug == "partners"
    assert edition.words.language == "en"
    assert same(edition.view, view_of(sample_office, "partners"))
    named = view.open_view(
        area="kestara", week="2026-W45", audience="internal", as_of="2026-11-09T09:00:00+02:00", language="en"
    )
    assert same(named.view, view_of(sample_office, week="2026-W45", as_of=FIRST + AN_HOUR))


def test_of_a_briefing_the_narrowest_are_those_who_receive_it(
    sample_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page for leadership alone opens for leadership; what nobody receives, for those who read least."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(sample_office.root)
    for briefing, reader in (
        ("human_rights", "leadership"),
        ("public_summary", "public"),
        ("none", "partners"),
    ):
        edition = view.open_view(area="", week="", audience="", as_of="", language="", briefing=briefing)
        assert edition.view.audience.slug == reader


@pytest.mark.parametrize("text", ["yesterday", "2026-11-16", "2026-11-16T06:00:00", "", "2026-13-01T00:00Z"])
def test_an_instant_needs_a_zone(text: str) -> None:
    """Text that is no instant, or one without a zone, is refused with an example."""
    with pytest.raises(ParameterError, match="2026-11-16T06:00:00Z"):
        view.instant(text)


def test_an_instant_is_kept_in_utc() -> None:
    """Zones are turned into UTC; one written to the second or minute means the end of it."""
    moment = view.instant("2026-11-16T08:00:00.000000+02:00")
    assert moment == SECOND
    assert moment.tzinfo == UTC
    almost = timedelta(microseconds=999_999)
    assert view.instant("2026-11-16T06:00:00Z") == SECOND + almost
    assert view.instant("2026-11-16T06:00Z") == SECOND + timedelta(seconds=59) + almost


# --- What came later -----------------------------------------------------------------------------

LATER = SECOND + 2 * AN_HOUR


def test_a_correction_of_old_rows_does_not_move_the_data_back(own_office: Office) -> None:
    """Where deliveries only add, the data reach as far as the furthest of them, not as the last one."""
    file = own_office.root / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    start = text.index('slug = "meridian"')
    file.write_text(text[:start] + 'covers = "additions"\n' + text[start:], encoding="utf-8")
    office = load(own_office.root)
    before = view_of(office).sources.set_index("source").loc["meridian", "last_dated"]
    store = store_of(office)
    with store.delivery(source="meridian", at=LATER) as delivery:
        told = {
            "record_id": f"meridian/{delivery.batch}", "level": "internal", "record": "incident",
            "occurred_on": LATER.date(), "last_dated": "2026-10-01", "read": 1, "new": 0, "changed": 1,
            "withdrawn": 0, "unchanged": 0, "rejected": 0, "unmatched": 0,
        }  # fmt: skip
        delivery.append(record_type("delivery"), frame("delivery", told, source="meridian"), complete=False)
    after = view_of(office, as_of=LATER + AN_HOUR).sources.set_index("source").loc["meridian", "last_dated"]
    assert after == before == pd.Timestamp("2026-11-15")


def test_a_contact_whose_place_matched_nothing_is_in_the_view(own_office: Office) -> None:
    """The office's own records are kept without any place; readers without districts get no unplaced row."""
    entry = LABEL | {
        "level": "internal", "occurred_on": "2026-11-11", "organisation": "Post",
        "organisation_kind": "police",
        "officer": "LO", "summary": "Heard.", "matched_by": "unmatched", "record_id": "lost",
    }  # fmt: skip
    put_rows(own_office, "liaison_entry", entry, source="liaison", at=LATER)
    put_rows(
        own_office,
        "incident",
        INCIDENT | {"record_id": "near", "admin1": "KS01"},
        source="meridian",
        at=LATER,
    )
    seen = view_of(own_office, as_of=LATER + AN_HOUR)
    assert {"lost", "near"} <= seen.own_ids
    edit(own_office.root, {'place_precision = "district"': 'place_precision = "area"'})
    coarse = view_of(load(own_office.root), as_of=LATER + AN_HOUR)
    assert "near" not in coarse.own_ids


def test_a_text_taken_back_is_still_one_that_must_not_leave(own_office: Office) -> None:
    """What a record said before it was closed, or withdrawn, is a forbidden value and in no table."""
    said = "The miller of Tesh told the patrol where the road was mined."
    place = {"district": "KS0101", "admin1": "KS01", "record_id": "miller"}
    put_rows(own_office, "incident", INCIDENT | place | {"releasable_text": said}, source="meridian",
             at=SECOND - 3 * AN_HOUR)  # fmt: skip
    put_rows(own_office, "incident", INCIDENT | place | {"level": "strictly_confidential"}, source="meridian",
             at=LATER)  # fmt: skip
    seen = view_of(own_office, "partners", as_of=LATER + AN_HOUR, compared_with=LATER - AN_HOUR)
    assert said in view.hidden_values(store_of(own_office), seen)
    assert said not in view.shown_values(seen)
    assert "miller" not in view_of(own_office, as_of=LATER + AN_HOUR).own_ids


def test_a_view_with_nothing_new_has_the_same_content(own_office: Office) -> None:
    """A pull that brings the same again changes the view's digest, but not that of what it tells."""
    first = view_of(own_office)
    pull(own_office, store_of(own_office), own_office.source_called("alerts"), at=LATER)
    again = view_of(own_office, as_of=LATER + AN_HOUR)
    assert again.as_of > first.as_of
    assert view.content_digest(again) == view.content_digest(first)
    place = {"district": "KS0101", "admin1": "KS01"}
    put_rows(own_office, "incident", INCIDENT | place, source="meridian", at=LATER + AN_HOUR)
    news = view_of(own_office, as_of=LATER + 2 * AN_HOUR)
    assert view.content_digest(news) != view.content_digest(first)
