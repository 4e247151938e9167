"""Record types: one module each, named as the type; adding a type is adding that one file."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from workbench.errors import UnknownName
from workbench.records._parse import parse_text
from workbench.records._schema import ANY_RECORD, DTYPES, Column, Kind, RecordType
from workbench.records._validate import VALUE_LENGTH, Validated, empty, validate

__all__ = [
    "ANY_RECORD",
    "DTYPES",
    "VALUE_LENGTH",
    "Column",
    "Kind",
    "RecordType",
    "Validated",
    "empty",
    "parse_text",
    "record_names",
    "record_type",
    "validate",
]


@cache
def record_names() -> tuple[str, ...]:
    """Return the names of all record types: the modules of this room without a leading underscore."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")))


@cache
def record_type(name: str) -> RecordType:
    """Return the record type called `name`; raises UnknownName."""
    if name not in record_names():
        raise UnknownName("record type", name, record_names())
    record = import_module(f"{__name__}.{name}").RECORD
    if not isinstance(record, RecordType) or record.name != name:
        raise TypeError(f"records/{name}.py must define RECORD = RecordType(name={name!r}, ...)")
    return record
