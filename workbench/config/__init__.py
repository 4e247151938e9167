"""Configuration: the office, its labels and its reporting weeks."""

from workbench.config.labels import COMPARTMENTS, HIGHEST, LEVELS, Level, level
from workbench.config.office import (
    FILE_NAME,
    Area,
    Audience,
    Briefing,
    Geography,
    Office,
    Source,
    find,
    load,
)
from workbench.config.shipped import shipped
from workbench.config.week import WEEKDAYS, Week

__all__ = [
    "COMPARTMENTS",
    "FILE_NAME",
    "HIGHEST",
    "LEVELS",
    "WEEKDAYS",
    "Area",
    "Audience",
    "Briefing",
    "Geography",
    "Level",
    "Office",
    "Source",
    "Week",
    "find",
    "level",
    "load",
    "shipped",
]
