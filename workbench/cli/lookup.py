"""`workbench lookup`: which record a code in an edition stands for."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in


def lookup(
    code: Annotated[str, typer.Argument(help="The code as the edition has it, such as 7QX2MD.")],
    *,
    audience: Annotated[
        str, typer.Option(help="Whose edition it stands in: codes differ between audiences.")
    ],
    office: OfficeOption = None,
) -> None:
    """
    Say which record carries this code in an audience's editions: type, source and id, nothing of its content.

    That it was looked up goes into the audit log.

    Example: workbench lookup 7QX2MD --audience internal
    """
    from workbench import audit, view

    opened = office_in(office)
    found = view.records_of(opened, view.store_of(opened), audience, code)
    if not found:
        typer.echo(
            f"No record of this store carries the code {literal(code)} in editions for {literal(audience)}. "
            "Codes differ between audiences: check the audience, and the six letters and digits."
        )
        raise typer.Exit(1)
    audit.append(
        opened,
        "looked_up",
        by="workbench lookup",
        at=opened.now(),
        audience=audience,
        code="".join(code.split()).upper(),
    )
    for one in found:
        typer.echo(literal(f"{one.record}  {one.source}  {one.record_id}"))
