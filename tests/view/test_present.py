"""The present of an office: everything its store holds is known, also where the clock does not move."""

from datetime import UTC, datetime, timedelta

from tests.pull_office import log, office_in, write_log
from workbench.config import load
from workbench.pull import pull_all
from workbench.view import present, store_of

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


def _office(folder):
    office_in(folder, log("log"), log("radio"))
    file = folder / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"fixed_clock = {NOW.isoformat()}\n{text}", encoding="utf-8")
    for name in ("log", "radio"):
        write_log(folder, (1, "2026-11-09", 1, "Kuro"), name=f"{name}.csv")
    return load(folder)


def test_all_sources_of_one_pull_are_known_though_the_clock_stands_still(tmp_path):
    """Deliveries at one instant follow each other by a microsecond; the present is not before the last."""
    office = _office(tmp_path)
    store = store_of(office)
    reports, failures = pull_all(office, store, None, at=office.now())
    assert not failures
    assert [one.recorded_at for one in reports] == [NOW, NOW + timedelta(microseconds=1)]
    assert present(office, store) == reports[-1].recorded_at


def test_the_present_is_now_where_nothing_is_later(tmp_path):
    """Before the first pull, and long after the last, the present is what the clock says."""
    office = _office(tmp_path)
    store = store_of(office)
    assert present(office, store) == NOW
    pull_all(office, store, None, at=NOW - timedelta(days=1))
    assert present(office, store) == NOW
