"""The main path on real data: two UCDP Candidate deliveries, checked by hand against their files."""

import hashlib
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pypdfium2
import pytest

from tests.cabo_delgado.csv_by_hand import days, districts, events, of_week, overlapping, plain
from tests.cabo_delgado.desk import BOUNDARIES, JANUARY_TO_JUNE, JULY, Desk, needs_shared
from tests.cabo_delgado.page import Page
from workbench import analysis
from workbench.keys import keys_of
from workbench.publish import Published
from workbench.pull import PullReport
from workbench.records import record_type
from workbench.view import store_of

pytestmark = needs_shared

FIRST_ISSUE = datetime(2026, 7, 15, 7, tzinfo=UTC)
BETWEEN = datetime(2026, 7, 29, 12, tzinfo=UTC)
WEEKS = tuple(f"2026-W{number:02d}" for number in range(1, 33))

# Read off the publisher's files by eye; the tests also derive them anew.
BY_EYE = {
    "2026-W05": {"613486": "MZ0106", "614123": "MZ0110"},
    "2026-W15": {"628208": "MZ0106"},
    "2026-W16": {"628206": "MZ0106", "628284": "MZ0106", "628283": "MZ0108", "628263": "MZ0115"},
    "2026-W24": {},
    "2026-W26": {},
}
CONTRADICTORY = {"628283", "637028"}


@dataclass(frozen=True)
class Story:
    """What happened at the desk, in order: two deliveries, and issues before, between and after."""

    desk: Desk
    first_pull: dict[str, PullReport]
    second_pull: dict[str, PullReport]
    first: dict[str, Published]
    bytes_of_first: dict[str, dict[str, str]]
    again: Published
    second: Published
    published: dict[tuple[str, str], Published]

    def page(self, week: str, audience: str) -> Page:
        """Return the page of a week as published last."""
        return Page(self.published[week, audience].folder)


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Story:
    """Let the desk pull and publish as it would over four weeks of 2026."""
    desk = Desk.set_up(tmp_path_factory.mktemp("cabo_delgado") / "office")
    desk.receive(JANUARY_TO_JUNE)
    first_pull = desk.at("2026-07-15T06:00:00Z").pull()
    desk.at(f"{FIRST_ISSUE:%Y-%m-%dT%H:%M:%SZ}")
    first = {who: desk.publish("2026-W15", who) for who in ("internal", "public")}
    bytes_of_first = {who: _digests(issue.folder) for who, issue in first.items()}

    desk.receive(JULY)
    second_pull = desk.at("2026-08-10T05:00:00Z").pull()
    desk.at("2026-08-10T06:00:00Z")
    again = desk.publish("2026-W15", "public", as_of=BETWEEN)
    second = desk.publish("2026-W15", "internal")
    published = {
        (week, who): desk.publish(week, who)
        for week, who in (
            ("2026-W24", "internal"),
            ("2026-W24", "public"),
            ("2026-W05", "internal"),
            ("2026-W16", "public"),
            ("2026-W26", "internal"),
        )
    }
    published |= {("2026-W15", "internal"): second, ("2026-W15", "public"): again}
    return Story(desk, first_pull, second_pull, first, bytes_of_first, again, second, published)


@pytest.fixture(scope="module")
def known():
    """Read both of the publisher's files by hand."""
    return events(BOUNDARIES, JANUARY_TO_JUNE, JULY)


@pytest.fixture(scope="module")
def names():
    """Return the districts' names by p-code."""
    return districts(BOUNDARIES)


# --- the pull -------------------------------------------------------------------------------------


def test_the_second_delivery_adds_seven_rows_and_changes_none(story):
    """43 rows, then the July file beside them: 7 new, 43 unchanged, none rejected, none withdrawn."""
    counts = ("read", "new", "changed", "withdrawn", "unchanged", "rejected", "unmatched")
    first, second = story.first_pull["ucdp"], story.second_pull["ucdp"]
    assert [getattr(first, name) for name in counts] == [43, 43, 0, 0, 0, 0, 4]
    assert [getattr(second, name) for name in counts] == [50, 7, 0, 0, 43, 0, 5]
    for source in ("liaison_log", "assessments"):
        one = story.second_pull[source]
        assert (one.new, one.changed, one.withdrawn, one.rejected, one.unmatched) == (0, 0, 0, 0, 0)


def test_every_row_of_the_store_is_a_row_of_the_files(story, known):
    """Ids, days, deaths (also high below best) and districts of all 50 rows are as read by hand."""
    stored = _incidents(story.desk)
    assert sorted(stored["record_id"]) == sorted(known)
    assert len(known) == 50  # no id is in both files
    for row in stored.itertuples():
        event = known[row.record_id]
        assert (row.occurred_on.date(), row.occurred_to.date()) == (event.first, event.last)
        assert (row.killed_best, row.killed_low, row.killed_high) == (event.best, event.low, event.high)
        assert (row.district if isinstance(row.district, str) else "") == event.district


def test_high_below_best_is_kept_and_flagged(story, known):
    """The two rows whose high is below their best estimate keep their numbers and carry a flag."""
    stored = _incidents(story.desk).set_index("record_id")
    assert {one.id for one in known.values() if one.high < one.best or one.low > one.best} == CONTRADICTORY
    assert set(stored.index[stored["flags"].fillna("").str.contains("deaths_range")]) == CONTRADICTORY
    assert stored.loc["628283", ["killed_low", "killed_best", "killed_high"]].tolist() == [2, 2, 1]
    assert stored.loc["637028", ["killed_low", "killed_best", "killed_high"]].tolist() == [27, 27, 22]


def test_a_districts_name_and_its_outline_agree(story, known, names):
    """Macomia district is MZ0106; every point is in the outline its row names, but for one off the coast."""
    stored = _incidents(story.desk).set_index("record_id")
    codes = {plain(name): code for code, name in names.items()}
    inside = {one.id: one for one in known.values() if one.province == "Cabo Delgado province"}
    assert {one.id for one in inside.values() if codes[plain(one.named)] != one.outline} == {"614123"}
    assert known["614123"].outline == ""
    by_name = {row.record_id for row in stored.reset_index().itertuples() if row.matched_by == "name"}
    assert "614123" in by_name
    macomia = [one.id for one in known.values() if one.named == "Macomia district"]
    assert len(macomia) == 22
    assert set(stored.loc[macomia, "district"]) == {"MZ0106"}


def codes(desk, ids):
    """Return what stands for these ids in the internal edition."""
    keys = keys_of(desk.office)
    return {keys.pseudonym("internal", "record", one) for one in ids}


def test_other_provinces_are_not_in_the_area(story, known):
    """The five rows of five other provinces are in no district and in no view of the area."""
    elsewhere = {one.id for one in known.values() if one.province != "Cabo Delgado province"}
    assert elsewhere == {"630940", "630934", "634097", "634775", "636166"}
    assert not any(known[one].district for one in elsewhere)
    seen = set(story.desk.view("2026-W32").table("incident")["record_id"])
    assert seen == codes(story.desk, set(known) - elsewhere)


def test_foreign_prefixes_of_relid_are_kept_as_they_are(story):
    """A relid that begins with AFG-, as some of Mozambique do, is only another id of the row."""
    stored = _incidents(story.desk).set_index("record_id")
    assert "ucdp_relid=AFG-2026-3-973-77" in stored.loc["628208", "external_ids"]
    assert stored.loc["628208", "district"] == "MZ0106"


# --- which incidents a week holds -----------------------------------------------------------------


def test_each_week_holds_the_incidents_that_the_files_put_there(story, known):
    """For 32 weeks: the ids counted, and those shown apart, are the ones found by hand."""
    incidents = story.desk.view(WEEKS[-1]).counted
    for week in WEEKS:
        monday, sunday = days(week)
        counted = analysis.of_weeks(incidents, first_day=monday)
        apart = analysis.undated_to_a_week(incidents, first_day=monday, last_day=sunday)
        assert set(counted["record_id"]) == codes(story.desk, of_week(known, week)), week
        assert set(apart["record_id"]) == codes(story.desk, overlapping(known, week)), week


def test_the_weeks_read_by_eye(known):
    """The reading by hand is itself right about the weeks that were read line by line."""
    for week, expected in BY_EYE.items():
        assert {one.id: one.district for one in of_week(known, week).values()} == expected


def test_the_event_of_33_days_is_in_no_week(known):
    """637028 (22 June to 24 July) belongs to no week and overlaps five."""
    assert not any("637028" in of_week(known, week) for week in WEEKS)
    assert [week for week in WEEKS if "637028" in overlapping(known, week)] == [
        f"2026-W{number}" for number in (26, 27, 28, 29, 30)
    ]


# --- the pages ------------------------------------------------------------------------------------

PAGES = (
    ("2026-W15", "internal"),
    ("2026-W15", "public"),
    ("2026-W24", "internal"),
    ("2026-W24", "public"),
    ("2026-W05", "internal"),
    ("2026-W16", "public"),
    ("2026-W26", "internal"),
)


@pytest.mark.parametrize(("week", "who"), PAGES)
def test_the_districts_of_a_page(story, known, names, week, who):
    """All 17 districts are in the table, each with the count of the files; what nobody knows is no 0."""
    rows = {row["District"]: row for row in story.page(week, who).table("Districts")}
    counts = Counter(names[one.district] for one in of_week(known, week).values())
    assert len(names) == 17
    assert sorted(rows) == sorted(names.values())
    for name, row in rows.items():
        if counts[name]:
            assert row["Now"] == str(counts[name])
        else:
            unknown = row["Assessment"] in {"no report", "no incident known"}
            assert row["Now"] == ("–" if unknown else "0")


@pytest.mark.parametrize(("week", "who"), PAGES)
def test_the_numbers_of_a_page(story, known, week, who):
    """Incidents and deaths (best, low, high) in the numbers box and on top are the files' sums."""
    page, counted = story.page(week, who), of_week(known, week).values()
    box = {row[""]: row["This week"] for row in page.table("Findings")}
    best = sum(one.best for one in counted)
    low, high = (sum(one.bounds[end] for one in counted) for end in (0, 1))
    assert box["Incidents"] == str(len(counted))
    assert box["Deaths (best estimate)"] == str(best)
    assert box["of which civilians"] == str(sum(one.civilians for one in counted))
    assert box["Deaths (low estimate)"] == str(low)
    assert box["Deaths (high estimate)"] == str(high)
    if counted:
        assert re.match(rf"{len(counted)} incidents?$", page.figures[0])
        assert re.match(rf"{best} deaths?" + (rf" \({low}–{high}\)$" if low < high else "$"), page.figures[1])
    else:
        assert [one.split()[0] in {"0", "–"} for one in page.figures[:2]] == [True, True]


@pytest.mark.parametrize(("week", "who"), PAGES)
def test_the_incidents_of_a_page(story, known, names, week, who):
    """The annex lists each incident of the week with its first day, district and dead, and no other."""
    rows = story.page(week, who).table("incidents of the week")
    told = Counter((_days(row["Day"])[0], row["District"], row["Harm"]) for row in rows)
    expected = Counter(
        (_day(one.first), names[one.district], f"{one.best} killed") for one in of_week(known, week).values()
    )
    assert told == expected


def test_deaths_read_off_the_pages_by_eye(story):
    """W16: 7 dead, 5 to 8, where the row with high 1 below best 2 counts as 2; W15: 1; W24: none."""
    for week, who, expected in (
        ("2026-W16", "public", ["7", "5", "8"]),
        ("2026-W15", "internal", ["1", "1", "1"]),
        ("2026-W24", "public", ["0", "0", "0"]),
        ("2026-W05", "internal", ["17", "3", "17"]),
    ):
        box = {row[""]: row["This week"] for row in story.page(week, who).table("Findings")}
        assert [box[f"Deaths ({one} estimate)"] for one in ("best", "low", "high")] == expected


def test_the_method_box_tells_of_contradictory_ranges_where_they_are_counted(story):
    """W16 counts 628283 and says so; W26 only shows 637028 apart, and no other week has such a row."""
    sentence = "1 incident counted has a publisher's range that contradicts its best estimate"
    assert sentence in story.page("2026-W16", "public").text
    for week, who in PAGES:
        if week != "2026-W16":
            assert "contradicts its best estimate" not in story.page(week, who).text


def test_the_event_of_33_days_is_shown_apart(story):
    """W26 counts nothing and shows 637028 in a table of its own, with its days and its dead."""
    page = story.page("2026-W26", "internal")
    (row,) = page.captioned("Known only over a longer time")
    assert _days(row["Day"]) == ["22 Jun", "24 Jul"]
    assert (row["District"], row["Harm"]) == ("Macomia", "27 killed")
    assert "They are in no weekly count" in page.text
    assert not story.page("2026-W24", "internal").captioned("Known only over a longer time")


def test_a_headline_with_a_line_break_is_set_on_one_line(story, known):
    """The headline of 613486 holds a line break and a tab; the record and the page have blanks."""
    assert "\n" in known["613486"].headline
    expected = " ".join(known["613486"].headline.split())
    stored = _incidents(story.desk).set_index("record_id").loc["613486", "headline"]
    assert stored == expected
    told = [row["What is known"] for row in story.page("2026-W05", "internal").table("incidents of the week")]
    assert re.sub(r";(?=\S)", " / ", expected) in told  # the publisher joins headlines without a space


# --- as known then --------------------------------------------------------------------------------


def test_an_issue_made_again_as_known_between_the_deliveries_is_the_same(story):
    """Any instant between two deliveries is the same knowledge: version 1 again, byte for byte."""
    assert story.again.reproduced
    assert story.again.manifest.version == 1
    assert story.again.folder == story.first["public"].folder
    assert _digests(story.again.folder) == story.bytes_of_first["public"]


def test_an_issue_from_later_knowledge_says_that_it_corrects(story):
    """W15 from both deliveries is version 2, corrects version 1, and leaves version 1 as it was."""
    manifest = story.second.manifest
    assert (manifest.version, manifest.corrects, story.second.reproduced) == (2, 1, False)
    assert manifest.compared_with == story.first["internal"].manifest.as_of
    assert "corrects version 1" in Page(story.second.folder).facts
    assert _digests(story.first["internal"].folder) == story.bytes_of_first["internal"]


def test_the_first_issue_knew_only_the_first_delivery(story):
    """The first issue's cut-off is the first pull's, and its page says up to when data reach."""
    first, second = story.first["internal"], story.second
    assert first.manifest.as_of < FIRST_ISSUE < BETWEEN < second.manifest.as_of
    for issue, last in ((first, "16 Jun"), (second, "24 Jul")):
        (ucdp,) = [
            row for row in Page(issue.folder).table("Sources") if row["Source"] == "UCDP Candidate Events"
        ]
        assert _days(ucdp["Data up to"]) == [last]


# --- what the public edition may not say ----------------------------------------------------------


def test_nothing_confidential_is_in_the_public_edition(story):
    """No summary, officer or confidential judgement of the office is in any byte or text for the public."""
    log = (story.desk.folder / "data" / "liaison_log.csv").read_text(encoding="utf-8").splitlines()[1:]
    secrets = [line.split(",")[8] for line in log] + [
        "Officer One", "Officer Two", "Permanent secretary", "movement than the counts show",
        "will probably stay manned", "Patrols were reduced for some days",
    ]  # fmt: skip
    folder = story.desk.folder / "outputs" / "public"
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".html", ".pdf", ".json", ".sig"}
    for file in files:
        content = _flat(_pdf_text(file) if file.suffix == ".pdf" else file.read_text(encoding="utf-8"))
        assert not [one for one in secrets if _flat(one) in content], file.name


def test_the_internal_edition_says_what_the_public_one_may_not(story):
    """The search above can find: the internal pages hold the week's summaries and confidential lines."""
    w15 = (story.published["2026-W15", "internal"].folder, "two families left a village that evening")
    w24 = (story.published["2026-W24", "internal"].folder, "will probably stay manned")
    for folder, told in (w15, w24):
        assert _flat(told) in _flat((folder / "briefing.html").read_text(encoding="utf-8"))
        assert _flat(told) in _flat(_pdf_text(folder / "briefing.pdf"))


# --- the command line -----------------------------------------------------------------------------


def test_the_same_by_command_line(story, tmp_path):
    """Pull finds nothing new, run --as-of makes the first issue again, list and check agree."""
    desk = Desk(tmp_path / "office")
    shutil.copytree(story.desk.folder, desk.folder)

    pulled = _done(desk.command("pull"))
    (line,) = [one.split() for one in pulled.splitlines() if one.startswith("ucdp")]
    assert line == ["ucdp", "50", "0", "0", "0", "50", "0", "5"]

    when = ("--week", "2026-W15", "--as-of", f"{FIRST_ISSUE:%Y-%m-%dT%H:%M:%SZ}")
    told = _done(desk.command("run", "weekly_conflict", *when, "--audience", "internal", "--force"))
    folder = story.first["internal"].folder.relative_to(story.desk.folder)
    assert f"for internal: made again, byte for byte: {folder.as_posix()}\n" in told
    assert _digests(desk.folder / folder) == story.bytes_of_first["internal"]

    listed = _done(desk.command("list"))
    last = {line.split()[2]: line for line in listed.splitlines() if line.startswith("weekly_conflict")}
    assert "2026-W26 v1" in last["internal"]
    assert "2026-W24 v1" in last["public"]
    assert "checks passed" in _done(desk.command("check"))


def test_a_run_right_after_a_pull_knows_all_of_it(tmp_path):
    """With a clock that stands still, run still sees every source that the pull before it brought."""
    desk = Desk.set_up(tmp_path / "office").at("2026-07-15T06:00:00Z")
    desk.receive(JANUARY_TO_JUNE)
    reports = desk.pull()
    view = desk.view("2026-W15")
    last = max(one.recorded_at for one in reports.values())
    assert view.as_of == last.replace(microsecond=0)
    assert last > desk.office.now()
    assert view.sources["delivered_at"].notna().all()
    assert len(view.table("liaison_entry")) == 9


# --- codes of another set -------------------------------------------------------------------------

CENSUS = """
[[source]]
slug = "ministry"
title = "Ministry list"
record = "incident"
reader = "table"
path = "data/ministry.csv"
licence = "Internal"
attribution = "Invented for the test"
level = "public"

[source.columns]
record_id = "No"
occurred_on = "Day"
admin1_given = "Province"
district_given = "District"
district = "Code"
killed_best = "Dead"

[source.constants]
date_precision = "day"
event_type = "armed_clash"
threat_category = "armed_conflict"
"""

# In the census set MZ01 is Niassa, and its districts count on from there.
MINISTRY = """No,Day,Province,District,Code,Dead
1,2026-04-07,Niassa,Mandimba,MZ0106,3
2,2026-04-07,MZ01,Mandimba,MZ0106,3
3,2026-04-07,MZ01,,MZ0106,3
4,2026-04-07,,,MZ0106,3
5,2026-04-07,Cabo Delgado,Macomia,MZ0106,3
"""


def test_a_code_of_the_census_set_does_not_land_in_cabo_delgado(tmp_path):
    """A row of Niassa with the census code MZ0106 is in no district and not in the area; Macomia's own is."""
    desk = Desk.set_up(tmp_path / "office")
    desk.receive(JANUARY_TO_JUNE)
    file = desk.folder / "workbench.toml"
    text = file.read_text(encoding="utf-8").replace('counts_from = ["ucdp"]', 'counts_from = ["ministry"]')
    file.write_text(text + CENSUS, encoding="utf-8")
    (desk.folder / "data" / "ministry.csv").write_text(MINISTRY, encoding="utf-8")
    report = desk.pull()["ministry"]
    assert (report.new, report.rejected, report.unmatched) == (5, 0, 4)
    stored = _incidents(desk)
    stored = stored[stored["source"] == "ministry"].set_index("record_id")
    assert stored["district"].fillna("-").tolist() == ["-", "-", "-", "-", "MZ0106"]
    assert stored["flags"].fillna("-").tolist() == [
        "code_name_disagree", "code_name_disagree", "code_without_name", "code_without_name", "-",
    ]  # fmt: skip
    view = desk.view("2026-W15")
    assert set(view.counted["record_id"]) == codes(desk, ["5"])
    total = analysis.weekly_total(
        view.counted, districts=view.area.districts, first_day=date(2026, 4, 6), weeks=1
    )
    assert total["killed_best"].tolist() == [3]


# --- small parts ----------------------------------------------------------------------------------


def _incidents(desk):
    office = desk.office
    return store_of(office).read(record_type("incident"), as_of=datetime(2027, 1, 1, tzinfo=UTC))


def _digests(folder):
    return {file.name: _digest(file) for file in folder.iterdir()}


def _digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _pdf_text(file):
    with pypdfium2.PdfDocument(file) as document:
        return " ".join(page.get_textpage().get_text_range() for page in document)


def _flat(text):
    return "".join(text.casefold().split())


def _day(day):
    return f"{day.day} {day:%b}"


def _days(written):
    """Return the days a cell names, first and last, whether or not it names the year."""
    return re.findall(r"\d{1,2} [A-Z][a-z]{2}", written)


def _done(finished):
    assert finished.returncode == 0, finished.stderr
    assert "ERROR" not in finished.stderr
    return finished.stdout
