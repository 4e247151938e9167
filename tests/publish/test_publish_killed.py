"""
A publication killed at any instant: no half pack is seen, what was acknowledged stays, the next run works.

The publisher is a process of its own that makes one small briefing after another with real kernels and is
stopped with SIGKILL (terminated on Windows) some time after it has told which step it is at. Its kernels
are left to themselves: they must end on their own.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest

from tests import small_notebook
from tests.conftest import copy_of, put_rows
from workbench import sample
from workbench.config import Office, load
from workbench.publish import Order, pack, publish
from workbench.publish.manifest import Manifest
from workbench.view import store_of

LANES = 2  # offices worked on side by side
KILLS = 52 if os.environ.get("WORKBENCH_LONG") == "1" else 12
DELIVERIES = 12
STEPS = {  # step -> how often it is chosen
    "reading the store": 4,
    "running the notebook": 6,
    "writing HTML and PDF": 1,
    "checking what leaves": 1,
    "publishing": 6,
}
PATIENCE = 60.0
LATE = {
    "level": "public",
    "occurred_on": "2026-11-11",
    "occurred_to": "2026-11-11",
    "date_precision": "day",
    "event_type": "armed_clash",
    "threat_category": "armed_conflict",
    "admin1": "KS01",
    "district": "KS0101",
}
"""An incident that each delivery brings another of: without news there would be no new version."""


def order(office: Office, number: int) -> Order:
    """Return the order with this number: each audience in turn, and then as known one delivery later."""
    readers = [one.slug for one in office.audience if "weekly_conflict" in one.briefings]
    audience = readers[number % len(readers)]
    return Order("weekly_conflict", "kestara", "2026-W46", audience, "en", known_at(number // len(readers)))


def temporary(office_root: Path) -> Path:
    """Return the temporary folder of an office's publishers, by which their kernels are known."""
    return office_root.with_name(f"{office_root.name}-tmp")


def known_at(delivery: int) -> datetime:
    """Return an instant at which so many deliveries after those of the sample were known."""
    return sample.DELIVERIES[-1] + timedelta(minutes=1 + delivery)


def publish_for_ever(folder: Path, number: int, acknowledge: Connection) -> None:
    """Publish one order after another from `number` on, telling every step and every pack that is done."""
    office = load(folder)
    store = store_of(office)
    temporary(folder).mkdir(exist_ok=True)
    tempfile.tempdir = str(temporary(folder))
    while True:
        acknowledge.send(("begun", number))
        published = publish(
            office, store, order(office, number), progress=lambda step: acknowledge.send(("step", step))
        )
        acknowledge.send(("done", number, published.folder))
        number += 1


@pytest.fixture(scope="module")
def server() -> multiprocessing.context.BaseContext:
    """Give a way to start publishers quickly: a fork server that has imported all and used nothing."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["deltalake", "nbconvert", "papermill", "psutil", "pytest", "typst", "tests.conftest",
         "tests.small_notebook", "workbench.publish", "workbench.sample",
         "workbench.document.html", "workbench.document.pdf"]
    )  # fmt: skip
    return context


@pytest.fixture
def offices(sample_office: Office, tmp_path: Path) -> list[Office]:
    """Return offices with a small briefing and a store that was delivered to often."""
    first = copy_of(sample_office, tmp_path / "0")
    small_notebook.put(first, small_notebook.COUNTS)
    for delivery in range(1, DELIVERIES):
        put_rows(
            first,
            "incident",
            LATE | {"record_id": f"late-{delivery}"},
            source="meridian",
            at=known_at(delivery),
        )
    return [first, *(copy_of(first, tmp_path / str(lane)) for lane in range(1, LANES))]


def test_killed_publications(offices: list[Office], server: multiprocessing.context.BaseContext) -> None:
    """
    After each of 12 kills all packs are whole, none is lost or doubled, and the next order works.

    52 kills with WORKBENCH_LONG=1.
    """
    with ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(kill_often, office, server, seed) for seed, office in enumerate(offices)]
        outcomes = [lane.result() for lane in lanes]
    assert sum(during for during, _ in outcomes) > KILLS // 2, "most kills must hit a publication"
    assert all(made for _, made in outcomes), "packs must have been made, or nothing is proven"


def kill_often(office: Office, server: multiprocessing.context.BaseContext, seed: int) -> tuple[int, int]:
    """Start and kill publishers of one office; return how many kills hit one at work, and the packs made."""
    chance = random.Random(f"publication-{seed}")  # noqa: S311 - a test that can be repeated
    acknowledged: dict[int, tuple[Path, bytes]] = {}
    number = during = 0
    longest: dict[str, float] = {}
    for kill in range(KILLS // LANES):
        if kill:
            step = chance.choices(list(STEPS), weights=list(STEPS.values()))[0]
            said, _ = one_life(office, server, number, step=step, seconds=chance.uniform(0, longest[step]))
        else:  # one publication is completed, and tells how long each step takes on this machine as it is now
            said, longest = one_life(office, server, number, step=next(iter(STEPS)), times=2)
        acknowledged |= {told[1]: (told[2], manifest_in(told[2])) for told in said if told[0] == "done"}
        number = max(told[1] for told in said if told[0] == "begun")
        during += number not in acknowledged
        number += number in acknowledged
        assert_sound(office, acknowledged)
    assert_completed(office, number, acknowledged)
    return during, len(acknowledged)


def one_life(
    office: Office,
    server: multiprocessing.context.BaseContext,
    number: int,
    *,
    step: str,
    times: int = 1,
    seconds: float = 0,
) -> tuple[list[tuple], dict[str, float]]:
    """
    Let a publisher work until `seconds` after it has begun `step` so many times, and kill it.

    Returns all it said, and how many seconds each step took when it was done first.
    """
    ours, theirs = server.Pipe(duplex=False)
    publisher = server.Process(target=publish_for_ever, args=(office.root, number, theirs))
    publisher.start()
    theirs.close()
    said, heard = [], []
    try:
        while said.count(("step", step)) < times:
            assert ours.poll(PATIENCE), "the publisher stands still"
            said.append(ours.recv())
            heard.append(time.monotonic())
        time.sleep(seconds)
    finally:
        publisher.kill()
        publisher.join()
    took: dict[str, float] = {}
    for told, begun, ended in zip(said, heard, heard[1:], strict=False):
        if told[0] == "step":
            took.setdefault(told[1], ended - begun)
    with suppress(EOFError):
        while True:
            said.append(ours.recv())
    ours.close()
    return said, took


def manifest_in(folder: Path) -> bytes:
    """Return the bytes of a pack's manifest."""
    return (folder / "manifest.json").read_bytes()


def packs_of(office: Office, audience: str) -> list[Path]:
    """Return the folders of an audience's packs by version; nothing else may be seen beside them."""
    folder = office.path(office.outputs) / audience
    issue = folder / "weekly_conflict" / "kestara" / "2026-W46"
    seen = (
        {one.name for one in folder.iterdir() if not one.name.startswith(".")} if folder.exists() else set()
    )
    compared = {one for one in seen if re.fullmatch(r"compare-[\w-]+\.html", one)}
    assert seen - compared <= {"weekly_conflict", "index.html", "search.html"}
    folders = sorted(issue.iterdir(), key=lambda one: int(one.name[1:])) if issue.exists() else []
    assert [one.name for one in folders] == [f"v{n}" for n in range(1, len(folders) + 1)]
    return folders


def linked(office: Office, audience: str) -> list[str]:
    """Return the packs that an audience's index page links to, after checking that the page is whole."""
    index = office.path(office.outputs) / audience / "index.html"
    if not index.exists():
        return []
    page = index.read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    addresses = set(re.findall(r'href="([^"]+\.(?:html|pdf))"', page))
    packs = {address for address in addresses if "/" in address}
    # a page that compares goes before the index is rewritten: nothing of a recalled issue may outlive it
    assert all((index.parent / address).is_file() for address in packs)
    return sorted({Path(address).parent.name for address in packs}, key=lambda name: int(name[1:]))


def assert_sound(office: Office, acknowledged: dict[int, tuple[Path, bytes]]) -> None:
    """Check what holds at every instant."""
    for folder, manifest in acknowledged.values():
        assert manifest_in(folder) == manifest
    for audience in office.audience:
        folders = packs_of(office, audience.slug)
        assert not [wrong for one in folders for wrong in pack.verify(one)]
        manifests = [Manifest.from_bytes(manifest_in(one)) for one in folders]
        assert len({one.inputs for one in manifests}) == len(manifests), "the same issue was made twice"
        assert [one.corrects for one in manifests] == [n or None for n in range(len(manifests))]
        names = [one.name for one in folders]
        done = {folder.name for folder, _ in acknowledged.values() if audience.slug in folder.parts}
        assert linked(office, audience.slug) in (names, names[:-1])
        assert done <= set(linked(office, audience.slug))


def assert_completed(office: Office, number: int, acknowledged: dict[int, tuple[Path, bytes]]) -> None:
    """Check that the order that was interrupted, and one that was carried out, can be made now."""
    store = store_of(office)
    publish(office, store, order(office, number), progress=str)
    assert_sound(office, acknowledged)
    done = min(acknowledged)
    again = publish(office, store, order(office, done), progress=str, force=True)
    assert again.reproduced
    assert (again.folder, manifest_in(again.folder)) == acknowledged[done]
    for audience in {order(office, one).audience for one in (number, done)}:
        assert linked(office, audience) == [one.name for one in packs_of(office, audience)]
    deadline = time.monotonic() + PATIENCE
    while left := list(kernels(office)):
        assert time.monotonic() < deadline, f"{len(left)} kernels outlived the publisher that started them"
        time.sleep(0.2)


def kernels(office: Office) -> Iterator[psutil.Process]:
    """Yield the running kernels that work below the temporary folder of this office."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # its environment is not to be seen from outside where it was forked
            if Path(process.cwd()).is_relative_to(temporary(office.root)):
                yield process
