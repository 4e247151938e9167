"""`workbench lookup` on the sample office."""

from __future__ import annotations

import getpass

from tests.cli.commands import Command
from workbench import audit
from workbench.config import Office
from workbench.keys import keys_of

COMMITMENT = "COM-2026-04"


def test_a_code_is_resolved_for_its_own_readers_only(own_office: Office, command: Command) -> None:
    """Type, source and id of the record, nothing of its content; for other readers the code is unknown."""
    here = ("--office", str(own_office.root))
    code = keys_of(own_office).pseudonym("internal", "record", COMMITMENT)
    said = command("lookup", f"{code[:3]} {code[3:].lower()}", "--audience", "internal", *here)
    assert (said.code, said.out.split()) == (0, ["commitment", "commitments", COMMITMENT])
    other = command("lookup", code, "--audience", "partners", *here)
    assert other.code == 1
    assert "Codes differ between audiences" in other.out
    assert COMMITMENT not in other.out


def test_a_look_up_is_on_record(own_office: Office, command: Command) -> None:
    """The log tells who asked for which code, found or not, and not what it stands for."""
    here = ("--office", str(own_office.root))
    code = keys_of(own_office).pseudonym("internal", "record", COMMITMENT)
    command("lookup", code, "--audience", "partners", *here)
    command("lookup", code, "--audience", "internal", "--by", "Ana Reis", *here)
    command("lookup", "=HYPERLINK(1)", "--audience", "internal", "--by", "Ana Reis", *here)
    acts = [(one.by, one.ids) for one in audit.acts(own_office) if one.act == "looked_up"]
    assert acts == [
        (getpass.getuser(), {"audience": "partners", "code": code, "found": 0}),
        ("Ana Reis", {"audience": "internal", "code": code, "found": 1}),
        ("Ana Reis", {"audience": "internal", "code": "none", "found": 0}),
    ]
    assert COMMITMENT not in (own_office.root / "private/audit.jsonl").read_text(encoding="utf-8")
