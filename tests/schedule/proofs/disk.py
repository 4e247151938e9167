"""A disk of a test's own, whose writes are counted, and of which some fail or are the last of a process."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

EVER = 1 << 62


def library_in(folder: Path) -> Path | None:
    """Compile what is preloaded (full_disk.c); None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made, source = folder / "full_disk.so", Path(__file__).with_name("full_disk.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


class Disk:
    """A folder whose writes are counted, and of which those between two numbers fail."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder = folder / "disk"
        self.folder.mkdir()
        self._state = folder / "state"
        self.full()
        self.environment = {
            "LD_PRELOAD": str(library), "FULL_ROOT": f"{self.folder}/", "FULL_STATE": str(self._state),
        }  # fmt: skip

    def full(self, first: int = 0, until: int = EVER) -> None:
        """Count from nothing, and let writes fail from one number on; with 0, none does."""
        self._write(0, first, until, 0)

    def deadly(self, number: int) -> None:
        """Count from nothing, and kill the process that comes to this write."""
        self._write(0, 0, 0, number)

    def _write(self, *numbers: int) -> None:
        # in its place: the processes that look at it have it open
        with self._state.open("r+b" if self._state.exists() else "wb") as opened:
            opened.write(struct.pack("qqqq", *numbers))

    def count(self) -> int:
        """Return how many writes there were."""
        count: int = struct.unpack("qqqq", self._state.read_bytes())[0]
        return count
