"""Writers that are killed, and what they said last."""

from __future__ import annotations

from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess


def killed(writer: BaseProcess, said: Connection, acknowledged: int) -> int:
    """Kill a writer and return the last number it acknowledged, `acknowledged` if it said no more."""
    writer.kill()
    writer.join()
    with suppress(EOFError):
        while True:
            acknowledged = said.recv()
    said.close()
    return acknowledged
