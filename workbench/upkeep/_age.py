"""Encryption to `age` keys, as a stream: nothing is on a disk unencrypted that was asked to be encrypted."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from workbench.errors import CheckFailed, ExportError, ParameterError

HEAD = b"age-encryption.org/v1\n"
"""How a file begins that is encrypted so."""


def recipients_of(keys: Iterable[str]) -> list[Any]:
    """Return public keys of age, `age1...`; raises ParameterError, and ExportError without the package."""
    wanted = list(keys)
    if not wanted:
        return []  # whoever encrypts nothing needs no package for it
    age = _age()
    try:
        return [age.x25519.Recipient.from_str(one) for one in wanted]
    except age.RecipientError:
        raise ParameterError(
            "--age takes a public key of age, which begins with age1 and is 62 characters long. One of those "
            "given is none: look at the file that age-keygen wrote."
        ) from None


def identities_in(file: Path) -> list[Any]:
    """Return the secret keys in a file as age-keygen writes it; raises ParameterError, ExportError."""
    age = _age()
    try:
        lines = [one.strip() for one in file.read_text(encoding="utf-8").splitlines()]
        keys = [age.x25519.Identity.from_str(one) for one in lines if one and not one.startswith("#")]
    except (OSError, UnicodeDecodeError, age.IdentityError):
        keys = []
    if not keys:
        raise ParameterError(
            f"{file} holds no secret key of age. Name the file that age-keygen wrote, with --identity FILE."
        )
    return keys


@contextmanager
def encrypted(target: IO[bytes], recipients: list[Any]) -> Iterator[IO[bytes]]:
    """Give a stream, what is written to which is encrypted into `target`; whole when the block ends."""
    age = _age()
    reading, writing = os.pipe()
    problems: list[BaseException] = []

    def work() -> None:
        with os.fdopen(reading, "rb") as source:
            try:
                age.encrypt_io(source, _Noting(target, problems), recipients)
            except BaseException as problem:  # it is raised where the stream is written
                problems.append(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(writing, "wb") as stream:
            yield stream
    except BrokenPipeError:
        thread.join()
        raise problems[0] if problems else ExportError("The encryption ended. Run it again.") from None
    except BaseException:
        thread.join()
        raise
    thread.join()
    if problems:
        raise problems[0]


def decrypt(source: IO[bytes], target: IO[bytes], identities: list[Any]) -> None:
    """Write what an encrypted file holds to `target`; raises CheckFailed, ParameterError."""
    age = _age()
    problems: list[BaseException] = []
    try:
        age.decrypt_io(source, _Noting(target, problems), identities)
    except (age.DecryptError, OSError) as problem:
        if problems:
            raise problems[0] from None
        if isinstance(problem, OSError) and problem.errno is not None:
            raise  # of the disk: what the library found wrong has no number
        if "match" in str(problem).lower():
            raise ParameterError(
                "None of the keys in --identity opens this archive. Name the key file of somebody it was "
                "encrypted to."
            ) from None
        raise CheckFailed(
            "The archive was cut off or altered: it cannot be decrypted to its end. Take another copy."
        ) from None


class _Noting:
    """Passes what it is given on, and keeps the error of the disk: the library would hide it in its own."""

    def __init__(self, target: IO[bytes], problems: list[BaseException]) -> None:
        self._target, self._problems = target, problems

    def write(self, content: bytes) -> int:
        """Write to the file."""
        try:
            return self._target.write(content)
        except OSError as problem:
            self._problems.append(problem)
            raise

    def flush(self) -> None:
        """Flush the file."""
        self._target.flush()


def _age() -> Any:
    try:
        return importlib.import_module("pyrage")  # it ships no types
    except ImportError:
        raise ExportError(
            "This needs encryption with age, and the package for it is not installed. Install it: "
            'pip install "briefing-workbench[age]"'
        ) from None
