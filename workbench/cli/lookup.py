"""`workbench lookup`: which record a code in an edition stands for."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in

_LONGEST = 12
"""No code is longer."""


def lookup(
    code: Annotated[str, typer.Argument(help="The code as the edition has it, such as 7QX2MD.")],
    *,
    audience: Annotated[
        str, typer.Option(help="Whose edition it stands in: codes differ between audiences.")
    ],
    by: Annotated[
        str | None, typer.Option("--by", help="Your name or function; otherwise the name of your account.")
    ] = None,
    office: OfficeOption = None,
) -> None:
    """
    Say which record carries this code in an audience's editions: type, source and id, nothing of its content.

    Who looked it up goes into the audit log, also where nothing was found.

    Example: workbench lookup 7QX2MD --audience internal
    """
    from workbench import audit, view

    opened = office_in(office)
    name = audit.person(by if by is not None else _account())
    found = view.records_of(opened, view.store_of(opened), audience, code)
    audit.append(
        opened, "looked_up", by=name, at=opened.now(), audience=audience, code=_as_an_id(code),
        found=len(found),
    )  # fmt: skip
    if not found:
        typer.echo(
            f"No record of this store carries the code {literal(code)} in editions for {literal(audience)}. "
            "Codes differ between audiences: check the audience, and the six letters and digits."
        )
        raise typer.Exit(1)
    for one in found:
        typer.echo(literal(f"{one.record}  {one.source}  {one.record_id}"))


def _account() -> str:
    """Return the name of the account that runs this; raises ParameterError if the system tells none."""
    import getpass

    from workbench.errors import ParameterError

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise ParameterError(
            "This account has no name. Say who looks the code up: workbench lookup CODE --by NAME"
        ) from None


def _as_an_id(code: str) -> str:
    """Return what was asked for as the log may hold it: what cannot be a code is not written down."""
    asked = "".join(code.split()).upper()
    return asked if asked.isascii() and asked.isalnum() and len(asked) <= _LONGEST else "none"
