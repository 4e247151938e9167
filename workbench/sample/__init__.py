"""The sample office: a fictional province with two years of data, and the start of an office of one's own."""

from workbench.sample._office import (
    DELIVERIES,
    EARLIER,
    EARLIER_SOURCES,
    blank,
    deliver,
    deliver_earlier,
    fresh_notebooks,
    make,
)

__all__ = [
    "DELIVERIES",
    "EARLIER",
    "EARLIER_SOURCES",
    "blank",
    "deliver",
    "deliver_earlier",
    "fresh_notebooks",
    "make",
]
