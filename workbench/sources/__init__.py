"""Sources: one reader per publisher or file layout; files in, rows of a record type out."""

from workbench.sources._assessment import read_text as assessment_rows
from workbench.sources._delivery import READERS, Delivery, Reader, read
from workbench.sources._files import file_name
from workbench.sources._register import (
    READER,
    Line,
    append_lines,
    check_register,
    is_id,
    is_register,
    register_lines,
)

__all__ = [
    "READER",
    "READERS",
    "Delivery",
    "Line",
    "Reader",
    "append_lines",
    "assessment_rows",
    "check_register",
    "file_name",
    "is_id",
    "is_register",
    "read",
    "register_lines",
]
