"""The store's place: a folder of the office or a URL, and the options that its storage needs."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECRET = re.compile(
    r"secret|passw|token|credential|access_?key|account_?key|_key$|^key$|sas|bearer|signature"
)
_PUBLIC = frozenset({"aws_sse_kms_key_id", "sse_kms_key_id"})
"""Names that look like a secret's and are not one."""

_KEY_ID = re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN ")
_UNSAFE = re.compile(
    r"unsafe_rename|conditional_put|copy_if_not_exists|skip_signature|allow_invalid_certificates"
)
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?$")

_WHERE = (
    "Credentials stand in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what your "
    "provider names), in the machine's role or in a profile, never in this file"
)


def is_url(place: str) -> bool:
    """Return whether a store's place is a URL; a folder it is otherwise."""
    return "://" in place


def check_store(place: str, options: Mapping[str, str]) -> None:
    """Raise ValueError if a place or its options hold a secret, or take away what keeps writers apart."""
    if is_url(place) and ("@" in place or "?" in place):
        raise ValueError(f"store: a URL has no user, password or signature in it. {_WHERE}")
    if options and not is_url(place):
        raise ValueError(
            "store_options are for a store under a URL, such as s3://bucket/path; this is a folder"
        )
    for name, value in options.items():
        plain = name.lower()
        held = _SECRET.search(plain) is not None and plain not in _PUBLIC
        if held or _KEY_ID.search(value) or re.search(r"//[^/\s]*@", value):
            raise ValueError(f"store_options: {name} looks like a secret. {_WHERE}")
        if _UNSAFE.search(plain):
            raise ValueError(
                f"store_options: {name} cannot be set: two writers at once could lose each other's rows, "
                "or others read the store. Leave it out"
            )
        if plain.endswith("allow_http") and not any(_LOOPBACK.match(one) for one in options.values()):
            raise ValueError(f"store_options: {name} is for a server on this machine only. Use https")
