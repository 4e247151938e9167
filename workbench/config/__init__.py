"""Configuration: the office, its labels and its reporting weeks."""

from workbench.config.audience import Audience
from workbench.config.contact import ORGANISATION_KINDS, RequiredContact
from workbench.config.labels import COMPARTMENTS, HIGHEST, LEVELS, Level, level
from workbench.config.office import (
    FILE_NAME,
    Area,
    Briefing,
    Geography,
    Office,
    Source,
    find,
    load,
)
from workbench.config.policy import ColumnLabel
from workbench.config.risk import Risk
from workbench.config.shipped import shipped
from workbench.config.week import WEEKDAYS, Week

__all__ = [
    "COMPARTMENTS",
    "FILE_NAME",
    "HIGHEST",
    "LEVELS",
    "ORGANISATION_KINDS",
    "WEEKDAYS",
    "Area",
    "Audience",
    "Briefing",
    "ColumnLabel",
    "Geography",
    "Level",
    "Office",
    "RequiredContact",
    "Risk",
    "Source",
    "Week",
    "find",
    "level",
    "load",
    "shipped",
]
