"""Encryption to the audience's keys of `age` (age-encryption.org/v1), through `pyrage`."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from workbench.errors import ConfigurationError

SUFFIX = ".age"


def sealed(content: bytes, recipients: Sequence[str]) -> bytes:
    """Return content that only the owners of these keys can read; raises ConfigurationError."""
    try:
        import pyrage
    except ImportError:
        raise ConfigurationError(
            "A [[delivery]] names age_recipients, and the package that encrypts is not installed. "
            'Install it: pip install "briefing-workbench[age]"'
        ) from None
    try:
        keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError:
        raise ConfigurationError(
            "One of the age_recipients of a [[delivery]] is no public key of age. Copy it again; it begins "
            "with age1 and carries its own check."
        ) from None
    return bytes(pyrage.encrypt(content, keys))


def bundled(files: dict[str, bytes]) -> bytes:
    """Return files as one ZIP, stored, in order of name and without times: equal files, equal bytes."""
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_STORED) as bundle:
        for name, content in sorted(files.items()):
            bundle.writestr(ZipInfo(name), content)
    return whole.getvalue()
