"""The office's keys: one secret, from which its signing key and its pseudonyms are derived.

The secret is 32 random bytes, made at first need and never changed: a file that only its owner may
read, or an entry in the system's keyring. A fictional office derives it from its name: it protects
nothing, and its pages come out the same everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config import Office
from workbench.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_FILE = "secret.key"  # noqa: S105  # the name of a file, not a secret
KEYRING_FILE = "keyring.txt"
PUBLIC_FILE = "public.pem"
KEYRING_SERVICE = "briefing-workbench"

_BYTES = 32
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a code read out loud or copied by hand stays itself."""

_LETTERS = 6


@dataclass(frozen=True)
class Keys:
    """What an office signs with and makes pseudonyms with; shows nothing of either when printed."""

    public: bytes
    _signing: bytes = field(repr=False)
    _pseudonyms: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the public key: its name in a signature."""
        return key_id(self.public)

    def pseudonym(self, audience: str, kind: str, value: str) -> str:
        """
        Return the pseudonym of `value` for one audience: 6 letters and digits, such as `7QX2MD`.

        The same value has unrelated pseudonyms for two audiences or two kinds. HMAC-SHA256 (RFC 2104)
        cut to 30 bits: among 1,000 values two share one with a chance of 1 in 2,000, so who needs
        them distinct must look.
        """
        message = f"{audience}\0{kind}\0{value}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hmac.digest(self._pseudonyms, message, "sha256")[:4], "big") >> 2
        return "".join(_ALPHABET[number >> shift & 31] for shift in range(25, -1, -5))

    def sign(self, content: bytes) -> bytes:
        """Return the Ed25519 signature (RFC 8032) of `content`: 64 bytes, the same every time."""
        return _private_key(self._signing).sign(content)

    def public_pem(self) -> bytes:
        """Return the public key in PEM, as other programs read it."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def keys_of(office: Office) -> Keys:
    """
    Return the keys of an office; makes its secret if there is none yet.

    Two processes that start at once get the same. Raises ConfigurationError if others on the machine
    may read the file, it is damaged, or the keyring is asked for and cannot be used.
    """
    if office.fictional:
        return _derived(hashlib.sha256(f"fictional office\0{office.name}".encode()).digest())
    folder = office.path(office.private) / "keys"
    return _derived(_from_keyring(folder) if office.keys == "keyring" else _from_file(folder / SECRET_FILE))


def write_public(office: Office) -> Path:
    """Write the public key to `<private>/keys/public.pem`, for those who verify packs elsewhere."""
    file = office.path(office.private) / "keys" / PUBLIC_FILE
    content = keys_of(office).public_pem()
    if not file.is_file() or file.read_bytes() != content:
        _make_private(file.parent)
        making = file.with_name(f".{secrets.token_hex(8)}")
        making.write_bytes(content)
        making.replace(file)
    return file


def read_public(file: Path) -> bytes:
    """Return the 32 bytes of the Ed25519 public key in a PEM file; raises ConfigurationError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(
            f"{file} is no Ed25519 public key in PEM. The office's own lies in its private folder: "
            f"keys/{PUBLIC_FILE}"
        )
    return key.public_bytes_raw()


def key_id(public: bytes) -> str:
    """Return the name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def is_signed(content: bytes, signature: bytes, public: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `content` by the owner of `public`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _derived(secret: bytes) -> Keys:
    signing, pseudonyms = _hkdf(secret, b"signing"), _hkdf(secret, b"pseudonyms")
    return Keys(_private_key(signing).public_key().public_bytes_raw(), signing, pseudonyms)


def _hkdf(secret: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes for one purpose from the secret (HKDF-SHA256, RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), _BYTES, salt=None, info=b"briefing-workbench 1 " + purpose).derive(secret)


def _private_key(signing: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(signing)


def expect_own(file: Path, otherwise: str) -> None:
    """Raise ConfigurationError if others may read or change a file; `otherwise`: what to do if they have."""
    if os.name == "nt":
        return  # Windows gives rights by access lists, which the mode does not show: nothing is claimed there
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ConfigurationError(
            f"Others on this machine may read or change {file} (mode {mode:04o}). Make it its owner's "
            f"alone: chmod 600 {file} - and if somebody may have read it, {otherwise}"
        )


def _from_file(file: Path) -> bytes:
    if not file.exists():
        _make_private(file.parent)
        _create(file, secrets.token_hex(_BYTES))
    expect_own(
        file,
        "remove it: a new key is made, and packs signed before no longer verify. Or set "
        'keys = "keyring" in workbench.toml.',
    )
    return _secret(file.read_text(encoding="ascii", errors="replace"), where=str(file))


def _from_keyring(folder: Path) -> bytes:
    """Return the secret from the system's keyring; the file beside it holds the entry's name only."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigurationError(
            'workbench.toml says keys = "keyring", and the package for it is not installed. '
            'Install it: pip install "briefing-workbench[keyring]" - or use keys = "file".'
        ) from None
    name_file = folder / KEYRING_FILE
    try:
        if not name_file.exists():
            _make_private(folder)
            name = secrets.token_hex(8)
            keyring.set_password(KEYRING_SERVICE, name, secrets.token_hex(_BYTES))
            if not _create(name_file, name):  # another process was faster: its entry counts
                keyring.delete_password(KEYRING_SERVICE, name)
        name = name_file.read_text(encoding="ascii", errors="replace").strip()
        held = keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError as problem:
        raise ConfigurationError(
            f"The system's keyring cannot be used ({type(problem).__name__}). Unlock it, or say "
            'keys = "file" in workbench.toml.'
        ) from None
    if held is None:
        raise ConfigurationError(
            f"The system's keyring holds no key of this office (entry {KEYRING_SERVICE}). Work as the user "
            f"who made it. If it is lost, remove {name_file}: a new key is made, and packs signed before "
            "no longer verify."
        )
    return _secret(held, where="the keyring's entry")


def _secret(text: str, *, where: str) -> bytes:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        raise ConfigurationError(
            f"{where} holds no key of the workbench. Restore it from a copy. If it is lost, remove it: a new "
            "key is made, and packs signed before no longer verify."
        )
    return secret


def _create(file: Path, text: str) -> bool:
    """
    Create a file that only its owner may read, whole or not at all; False if it was there already.

    A hard link appears whole and never replaces. Where the disk has none, the lock alone decides
    between two that come at once.
    """
    from filelock import FileLock

    making = file.with_name(f".{secrets.token_hex(8)}")
    with FileLock(file.parent / ".lock"):
        if file.exists():
            return False
        opened = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(opened, "w", encoding="ascii") as writing:
                writing.write(text + "\n")
                writing.flush()
                os.fsync(writing.fileno())
            try:
                os.link(making, file)
            except FileExistsError:
                return False
            except OSError:
                making.rename(file)
        finally:
            making.unlink(missing_ok=True)
    return True


def _make_private(folder: Path) -> None:
    """Make a folder, and those above it, that only their owner may enter."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
