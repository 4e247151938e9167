"""What is due: occasions on the clock of a time zone, weeks of the office, and what lies on the disk."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.schedule.watched import office_of
from workbench.config import Office, load
from workbench.config.schedule import Schedule
from workbench.config.week import WEEKDAYS
from workbench.errors import ConfigurationError
from workbench.schedule import coming, due, occasions, slots, standing, wanted

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "UTC")
CHANGES = {
    "Europe/Berlin": [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)],
    "America/New_York": [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)],
    "Australia/Lord_Howe": [datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)],
    "Asia/Beirut": [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 21, tzinfo=UTC)],
    "Pacific/Apia": [datetime(2011, 12, 30, 10, tzinfo=UTC)],  # a whole day left out
}
"""Instants at which the clock of a zone is put forward or back."""

NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)

WEEKLY = """
[[schedule]]
slug = "weekly"
cron = "0 6 * * MON"
time_zone = "Africa/Kinshasa"
briefings = ["weekly_conflict"]
"""


@functools.cache
def plain_office() -> Office:
    """Return the sample's configuration, with an entry that tests replace."""
    return office_of(Path(tempfile.mkdtemp()) / "office")


def with_entries(*entries: dict[str, object], **office: object) -> Office:
    """Return an office with these entries and keys; nothing of it lies on the disk."""
    made = [
        Schedule.model_validate(
            {"slug": f"entry_{n}", "briefings": ("weekly_conflict",), "audiences": ("internal",)} | one
        )
        for n, one in enumerate(entries)
    ]
    return plain_office().model_copy(update={"schedule": tuple(made), **office})


@st.composite
def times(draw: st.DrawFn) -> str:
    """Return the minute and hour of a cron expression, of every form."""
    minute = draw(st.sampled_from(["0", "30", "15,45", "*/20", "*", "5-50/15"]))
    return f"{minute} {draw(st.sampled_from(['0', '1', '2', '3', '1-3', '*', '*/2', '23']))}"


@settings(max_examples=25)
@given(zone=st.sampled_from(sorted(CHANGES)), spring=st.booleans(), at=times())
@example(zone="Europe/Berlin", spring=True, at="30 2")
@example(zone="Pacific/Apia", spring=True, at="30 6")
def test_an_occasion_is_what_the_clock_on_the_wall_shows(zone: str, spring: bool, at: str) -> None:  # noqa: FBT001  # hypothesis names it
    """Around a change of the clock: each time shown counts once, one left out at the end of the gap."""
    change = CHANGES[zone][0 if spring else -1]
    first, last = change - timedelta(hours=30), change + timedelta(hours=30)
    names = CronSim(f"{at} * * *", datetime(2026, 1, 1))  # noqa: DTZ001  # a clock on a wall
    expected, shown = [], (first - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for minute in range(1, 60 * 60 + 1):
        instant = first + timedelta(minutes=minute - 1)
        wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        passed = [
            shown + timedelta(minutes=n) for n in range(1, int((wall - shown).total_seconds() // 60) + 1)
        ]
        if any(one.minute in names.minutes and one.hour in names.hours for one in passed):
            expected.append(instant)
        shown = max(shown, wall)
    office = with_entries({"cron": f"{at} * * *", "time_zone": zone})
    found = occasions(
        office, office.schedule[0], after=first - timedelta(seconds=1), until=last - timedelta(minutes=1)
    )
    assert list(found) == expected


@settings(max_examples=40)
@given(
    zone=st.sampled_from(ZONES),
    own=st.sampled_from(ZONES),
    starts=st.sampled_from(WEEKDAYS),
    at=st.tuples(st.integers(0, 59), st.integers(0, 23), st.integers(0, 7)),
    week=st.sampled_from(["last_complete", "current"]),
    year=st.sampled_from([2020, 2025, 2026]),
)
def test_a_weekly_entry_asks_for_each_week_once(
    zone: str, own: str, starts: str, at: tuple[int, int, int], week: str, year: int
) -> None:
    """Over a year of clock changes, and of 53 weeks: each week once, and when it is over (or has begun)."""
    office = with_entries(
        {"cron": "{} {} * * {}".format(*at), "time_zone": own, "week": week, "oldest_days": 400},
        time_zone=zone, week_starts=starts,
    )  # fmt: skip
    found = slots(office, now=datetime(year + 1, 1, 20, tzinfo=UTC))
    periods = [office.week(slot.key.period) for slot in found]
    assert [one.back(-1) for one in periods[:-1]] == periods[1:]
    for slot, about in zip(found, periods, strict=True):
        begun = slot.due_at.astimezone(office.zone).date()
        assert begun > about.last_day if week == "last_complete" else begun >= about.first_day
    assert len(periods) >= 56
    assert f"{year}-W{53 if year != 2025 else 52}" in [one.slug for one in periods]
    assert all(
        timedelta(days=5) <= later.due_at - one.due_at <= timedelta(days=9) for one, later in pairwise(found)
    )


@settings(max_examples=60)
@given(st.data())
def test_what_the_configuration_takes_cronsim_takes(data: st.DataObject) -> None:
    """Every expression that is accepted comes round, and stays what it says; none fails at three at night."""
    ranges = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))

    def field(least: int, most: int) -> str:
        number = st.integers(least, most)
        span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
        term = st.one_of(st.just("*"), number.map(str), span)
        stepped = st.tuples(term, st.sampled_from(["", "/2", "/7"])).map("".join)
        return data.draw(st.lists(stepped, min_size=1, max_size=2).map(",".join))

    expression = " ".join(field(*ends) for ends in ranges)
    try:
        office = with_entries({"cron": expression, "time_zone": "UTC"})
    except ValueError as refused:
        assert "never comes round" in str(refused)  # noqa: PT017  # only some are refused
        return
    after = datetime(2026, 1, 1, tzinfo=UTC)
    soon = next(iter(CronSim(expression, after)), None)
    assert soon is not None
    found = occasions(office, office.schedule[0], after=after, until=after + timedelta(days=2))
    assert found[:1] == ((soon,) if soon <= after + timedelta(days=2) else ())


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 6 * *", "has 4 fields"),
        ("0 0 6 * * MON", "has 6 fields"),
        ("@weekly", "has 1 fields"),
        ("60 6 * * MON", 'minute "60"'),
        ("0 6 * * MOON", 'weekday "MOON"'),
        ("0 6 L * *", 'day "L"'),
        ("0 6 * * MON#1", 'weekday "MON#1"'),
        ("0 18-6 * * *", "runs backwards"),
        ("0 6 30 2 *", "never comes round"),
        ("0 6 * * ", "has 4 fields"),
    ],
)
def test_an_expression_that_is_none_is_named(cron: str, said: str) -> None:
    """What is wrong with a cron expression is said when workbench.toml is read."""
    with pytest.raises(ValueError, match=said.replace("#", "\\#")):
        with_entries({"cron": cron})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('audiences = ["nobody"]', 'audiences names "nobody"'),
        ('briefings = ["weekly"]', 'briefings names "weekly"'),
        ('areas = ["coast"]', 'areas names "coast"'),
        ('languages = ["fr"]', 'languages names "fr"'),
        ('sources = ["radio"]', 'sources names "radio"'),
        ('time_zone = "Mars/Base"', 'time_zone "Mars/Base"'),
        ('briefings = ["public_summary"]\naudiences = ["internal"]', "no such issue would be made"),
    ],
)
def test_an_entry_names_what_there_is(line: str, said: str, tmp_path: Path) -> None:
    """An entry that names what the office has not, or asks for nothing, is refused with its slug."""
    with pytest.raises(ConfigurationError) as refused:
        office_of(tmp_path / "office", entry=f'[[schedule]]\nslug = "odd"\ncron = "0 6 * * MON"\n{line}\n')
    assert 'schedule "odd"' in str(refused.value)
    assert said in str(refused.value)


def put(office: Office, root: str, key: object, *, version: str = "v1", language: str = "en") -> Path:
    """Put what looks like a pack of an issue below a folder of the office."""
    parts = (key.audience, key.briefing, key.area, key.period)  # type: ignore[attr-defined]  # a Key
    folder = office.path(root).joinpath(*parts, version)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"language": language}), encoding="utf-8")
    return folder


def test_due_is_what_does_not_lie_on_the_disk(tmp_path: Path) -> None:
    """A pack, a draft, a notice of a recall or a pack that cannot be read: none of them is made again."""
    office = office_of(tmp_path / "office", entry=WEEKLY)
    first = slots(office, now=NOW)
    assert {one.key.audience for one in first} == {"leadership", "internal", "unct", "partners"}
    assert due(office, now=NOW) == wanted(office, now=NOW)
    keys = {one.key.audience: one.key for one in due(office, now=NOW)}
    put(office, office.outputs, keys["leadership"])
    put(office, f"{office.private}/drafts", keys["internal"], version="v3")
    recalled = put(office, office.outputs, keys["unct"])
    (recalled / "manifest.json").replace(recalled / "notice.json")
    (put(office, office.outputs, keys["partners"]) / "manifest.json").write_bytes(b"\x00")
    assert {name: standing(office, one) for name, one in keys.items()} == {
        "leadership": "released", "internal": "draft", "unct": "released", "partners": "released",
    }  # fmt: skip
    assert due(office, now=NOW) == ()
    before = NOW - timedelta(days=10)  # a clock that was set back: the issues of the week before are due
    assert {one.key.period for one in due(office, now=before)} == {"2026-W44"}


def test_a_pack_in_another_language_is_another_issue(tmp_path: Path) -> None:
    """What lies there in French does not stand for the English issue, nor the other way round."""
    office = office_of(tmp_path / "office", entry=WEEKLY).model_copy(update={"languages": ("en", "fr")})
    key = slots(office, now=NOW)[0].key
    french = type(key)(key.briefing, key.area, key.audience, key.period, "fr")
    put(office, office.outputs, key, version="v1-fr", language="fr")
    assert (standing(office, key), standing(office, french)) == (None, "released")
    put(office, office.outputs, key)
    assert standing(office, key) == "released"
    elsewhere = type(key)(key.briefing, key.area, key.audience, "2026-W01", "fr")
    put(office, office.outputs, elsewhere, language="en")
    assert standing(office, elsewhere) is None


def periods(office: Office, now: datetime, *, of: Callable[..., object] = wanted) -> list[str]:
    """Return the weeks of what is wanted, in order."""
    return [one.key.period for one in of(office, now=now)]  # type: ignore[attr-defined]  # Slots


def test_catching_up(tmp_path: Path) -> None:
    """After four weeks off: all that is missing, the latest, or nothing that is late; nothing too old."""
    monday = {"cron": "0 6 * * MON", "time_zone": "UTC"}
    late = NOW + timedelta(hours=8)
    assert periods(with_entries(monday | {"catch_up": "all"}), late) == [
        "2026-W43",
        "2026-W44",
        "2026-W45",
        "2026-W46",
    ]
    assert periods(with_entries(monday | {"catch_up": "all", "oldest_days": 8}), late) == [
        "2026-W45",
        "2026-W46",
    ]
    assert periods(with_entries(monday), late) == ["2026-W46"]
    assert periods(with_entries(monday | {"catch_up": "none"}), late) == []
    assert periods(with_entries(monday | {"catch_up": "none"}), NOW) == ["2026-W46"]
    started = with_entries(monday | {"catch_up": "all", "starts_on": date(2026, 11, 9)})
    assert periods(started, late) == ["2026-W45", "2026-W46"]
    made = with_entries(monday).model_copy()
    made._root = tmp_path
    put(made, made.outputs, wanted(made, now=late)[0].key)
    assert due(made, now=late) == ()  # the latest is there: nothing older is made after it


def test_two_entries_that_ask_for_one_issue_make_one_slot() -> None:
    """The earliest holds, with its own alarm; what only the later catches up is still due by it."""
    office = with_entries(
        {"cron": "0 9 * * MON", "time_zone": "UTC", "catch_up": "all"},
        {"cron": "0 6 * * MON", "time_zone": "UTC", "late_after_minutes": 30},
    )
    found = slots(office, now=NOW + timedelta(hours=8))
    assert [(one.key.period, one.schedule, one.due_at.hour) for one in found][-1] == (
        "2026-W46",
        "entry_1",
        6,
    )
    assert len({one.key for one in found}) == len(found) == 4
    assert found[-1].late_at == datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
    assert [one.schedule for one in wanted(office, now=NOW + timedelta(hours=8))] == ["entry_0"] * 3 + [
        "entry_1"
    ]


def test_an_issue_does_not_become_due_later_as_it_ages() -> None:
    """Of several occasions about one week the first is when it was due, also once that is long ago."""
    office = with_entries({"cron": "0 6 * * *", "time_zone": "UTC", "oldest_days": 9, "catch_up": "all"})
    for days in range(9):
        now = NOW + timedelta(days=days)
        assert [one.due_at for one in slots(office, now=now) if one.key.period == "2026-W46"] == [
            datetime(2026, 11, 16, 6, tzinfo=UTC)
        ]


def test_what_comes_next_is_told_in_order() -> None:
    """The next occasions by time, with week and editions; one whose issue was due before is left out."""
    office = with_entries(
        {"cron": "0 6 * * MON,THU", "time_zone": "UTC", "audiences": ("internal", "partners")},
        {"cron": "0 6 1 * *", "time_zone": "UTC", "week": "current"},
    )
    found = coming(office, now=NOW, number=3)
    assert [(one.due_at.date().isoformat(), one.schedule, one.period, len(one.keys)) for one in found] == [
        ("2026-11-23", "entry_0", "2026-W47", 2),
        ("2026-11-30", "entry_0", "2026-W48", 2),
        ("2026-12-01", "entry_1", "2026-W49", 1),
    ]


def test_the_template_explains_and_reads(tmp_path: Path) -> None:
    """The commented entry of a fresh office is one that works, once its marks of a comment are gone."""
    from workbench.config import shipped

    text = (shipped("templates") / "office.toml").read_text(encoding="utf-8")
    head, block = text.split("# [[schedule]]\n", 1)
    block, rest = block.split("# ----", 1)
    lines = ["[[schedule]]", *(line.removeprefix("# ") for line in block.splitlines())]
    used = [line for line in lines if line.startswith("[") or " = " in line]
    (tmp_path / "workbench.toml").write_text(
        f"{head}\n" + "\n".join(used) + f"\n# ----{rest}", encoding="utf-8"
    )
    office = load(tmp_path)
    assert set(Schedule.model_fields) == office.schedule[0].model_fields_set
    assert set(type(office.scheduler).model_fields) == office.scheduler.model_fields_set
