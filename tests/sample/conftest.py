"""The sample office as of each delivery, made and pulled once for these tests; do not write into it."""

from pathlib import Path

import pytest

from tests.sample.files import made, meridian
from workbench import sample
from workbench.config import Office, load
from workbench.pull import PullReport, pull_all
from workbench.store import Store


@pytest.fixture(scope="package")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample office as of delivery 1."""
    return made(tmp_path_factory.mktemp("first"), number=1)


@pytest.fixture(scope="package")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample office as of delivery 2."""
    return made(tmp_path_factory.mktemp("second"), number=2)


@pytest.fixture(scope="package")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, dict[str, str]]]:
    """Meridian's sound rows by id, as they stood at each earlier delivery and then at deliveries 1 and 2."""
    folder = tmp_path_factory.mktemp("weekly")
    states = []
    for number in range(1, len(sample.EARLIER) + 1):
        sample.deliver_earlier(folder, number)
        states.append(meridian(folder))
    for number in (1, 2):
        sample.deliver(folder, number)
        states.append(meridian(folder))
    return [{row["event_id"]: row for row in rows if row["event_id"]} for rows in states]


@pytest.fixture(scope="package")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Store, list[list[PullReport]]]:
    """The sample office pulled after each delivery: office, store, and the reports of each pull."""
    folder = tmp_path_factory.mktemp("pulled")
    sample.make(folder)
    office = load(folder)
    store = Store(str(folder / "store"), lock_folder=folder / "locks")
    reports = []
    for number, at in enumerate(sample.DELIVERIES, start=1):
        sample.deliver(folder, number)
        done, failed = pull_all(office, store, None, at=at)
        assert not failed
        reports.append(done)
    return office, store, reports
