"""The password of the mail server: from the keyring, the environment or a file; never written anywhere."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.config import Office
from workbench.config.mail import Mail
from workbench.errors import ConfigurationError
from workbench.keys import expect_own

SERVICE = "briefing-workbench-mail"
"""What the keyring's entry is called; its user is the `user` of [mail]."""


def password_of(office: Office, mail: Mail) -> str:
    """Return the password of `user`; raises ConfigurationError, which never says it."""
    where, _, name = mail.password.partition(":")
    if where == "env":
        said = os.environ.get(name)
        if not said:
            raise ConfigurationError(
                f"[mail] password names the environment variable {name}, and it is not set for this process."
            )
        return said
    return _from_file(office.path(name)) if where == "file" else _from_keyring(mail.user or "")


def _from_file(file: Path) -> str:
    try:
        expect_own(file, "change the password, which [mail] names.")
        said = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"{file}, which [mail] password names, cannot be read ({type(problem).__name__})."
        ) from None
    if not said:
        raise ConfigurationError(f"{file}, which [mail] password names, is empty.")
    return said


def _from_keyring(user: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigurationError(
            '[mail] says password = "keyring", and the package for it is not installed. Install it: '
            'pip install "briefing-workbench[keyring]" - or say env:NAME or file:PATH.'
        ) from None
    try:
        held = keyring.get_password(SERVICE, user)
    except KeyringError as problem:
        raise ConfigurationError(
            f"The system's keyring cannot be used ({type(problem).__name__}). Unlock it, or say env:NAME or "
            "file:PATH under [mail] password."
        ) from None
    if not held:
        raise ConfigurationError(
            f"The system's keyring holds no password for the mail server. Put it there: keyring set "
            f'"{SERVICE}" USER - with the user of [mail], as the account that runs the scheduler.'
        )
    return held
