"""Sources: one reader per publisher or file layout; files in, rows of a record type out."""

from workbench.sources._delivery import READERS, Delivery, Reader, read

__all__ = ["READERS", "Delivery", "Reader", "read"]
