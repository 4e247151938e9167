"""Signatures: one line beside a signed file, which names the key and holds Ed25519's 64 bytes."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from workbench.keys import Keys, is_signed, key_id

_FORM = re.compile(rb"ed25519 ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n")


def signature(content: bytes, keys: Keys) -> bytes:
    """Return the signature file of `content`: `ed25519`, the key's name and the signature in base64."""
    return f"ed25519 {keys.key_id} {base64.b64encode(keys.sign(content)).decode('ascii')}\n".encode("ascii")


def wrong_with(content: bytes, file: Path, public: bytes) -> str | None:
    """Return what is wrong with the signature of `content` in `file`, or None if `public` made it."""
    try:
        form = _FORM.fullmatch(file.read_bytes())
    except OSError:
        return "it is missing or cannot be read"
    if form is None:
        return "it is no signature of the workbench"
    if form[1].decode("ascii") != key_id(public):
        return f"it was made with another key ({form[1].decode('ascii')}) than {key_id(public)}"
    if not is_signed(content, base64.b64decode(form[2]), public):
        return "it does not belong to what it is said to sign"
    return None
