"""How long what no reader gets is kept: `[keep]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workbench.config._parts import Part


class Keep(Part):
    """Days after which leftovers go; packs that were released never do."""

    failed_runs_days: Annotated[
        int, Field(ge=1, description="Run folders of failed notebooks, which hold what a view held.")
    ] = 30
    drafts_days: Annotated[
        int, Field(ge=1, description="Drafts that were replaced, or released as a later version.")
    ] = 90
    failure_pages_days: Annotated[int, Field(ge=1, description="Pages that tell analysts of a failure.")] = 90
    ledger_days: Annotated[
        int, Field(ge=30, description="What the scheduler's ledger holds of the past.")
    ] = 400
