"""The first lock: rows of the store -> what one audience may read of them."""

from workbench.audience._rows import (
    COUNTED,
    ColumnRule,
    column_rule,
    labelled,
    may_name,
    may_read,
    readable,
)

__all__ = ["COUNTED", "ColumnRule", "column_rule", "labelled", "may_name", "may_read", "readable"]
