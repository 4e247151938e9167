"""One office with a released issue for each of three audiences, copied by each test; servers on loopback."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outbox.offices import READERS, Desk, delivery, desk, mail, password
from tests.outbox.server import Mailbox, certificates, serving


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """The server's TLS, and the file of the authority that made its certificate."""
    return certificates(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="session")
def _issued(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk(tmp_path_factory.mktemp("issued") / "office")
    password(made.folder)
    for audience in READERS:
        made.release(audience)
    return made


@pytest.fixture
def issued(_issued: Desk, tmp_path: Path) -> Desk:
    """An office whose three audiences have one issue each, and nothing was sent."""
    shutil.copytree(_issued.folder, tmp_path / "office")
    return Desk(tmp_path / "office")


@pytest.fixture
def box(trust: tuple[ssl.SSLContext, Path]) -> Iterator[Mailbox]:
    """A server that wants STARTTLS and a login."""
    with serving(trust[0]) as mailbox:
        yield mailbox


@pytest.fixture
def partners(issued: Desk, box: Mailbox, trust: tuple[ssl.SSLContext, Path]) -> Desk:
    """The office, with partners who get the text edition."""
    issued.say(delivery("to_partners", "partners", content="text"), mail(box.port, trust[1]))
    return issued
