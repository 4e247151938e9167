"""
The as-of rules, each drawn as a table.

All days are days of November 2026; a clock is a day and an hour, UTC. Every delivery is complete (what it
lacks is withdrawn) unless its source is followed by "+" (an addition). A line without a clock belongs to
the delivery above it; a record "-" means that the delivery holds nothing. What is known is written as
source/record district killed.
"""

from datetime import date, datetime, timedelta
from itertools import groupby

import pytest

from tests.store.incidents import INCIDENT, Told, at, day, incidents, told
from workbench.store import Store

RULES = {
    "late": """
        An incident of the 3rd that is told on the 16th was unknown until then.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 2        | D1       | 1      |
        | 16 06 | a      | i1     | 2        | D1       | 1      |
        |       |        | i2     | 3        | D2       | 4      |

        | as of | window | known               |
        | 9 05  | 2-8    | nothing             |
        | 9 06  | 2-8    | a/i1 D1 1           |
        | 16 05 | 2-8    | a/i1 D1 1           |
        | 16 06 | 2-8    | a/i1 D1 1, a/i2 D2 4 |
        """,
    "corrected": """
        A corrected count counts from the correction on; the earlier page keeps the earlier count.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 2      |
        | 10 06 | a      | i1     | 3        | D1       | 5      |
        | 11 06 | a      | i1     | 3        | D1       |        |

        | as of | window | known        |
        | 9 23  | 2-8    | a/i1 D1 2    |
        | 10 06 | 2-8    | a/i1 D1 5    |
        | 11 06 | 2-8    | a/i1 D1 ?    |
        | 11 06 | all    | a/i1 D1 ?    |
        """,
    "moved to another date": """
        An incident whose date was wrong is in one week only, whichever was believed.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 8        | D1       | 2      |
        | 10 06 | a      | i1     | 9        | D1       | 2      |

        | as of | window | known     |
        | 9 06  | 2-8    | a/i1 D1 2 |
        | 9 06  | 9-15   | nothing   |
        | 10 06 | 2-8    | nothing   |
        | 10 06 | 9-15   | a/i1 D1 2 |
        | 10 06 | all    | a/i1 D1 2 |
        """,
    "moved to another district": """
        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 2      |
        | 10 06 | a      | i1     | 3        | D2       | 2      |

        | as of | window | known     |
        | 9 06  | 2-8    | a/i1 D1 2 |
        | 10 06 | 2-8    | a/i1 D2 2 |
        """,
    "moved out of the window and back": """
        The trap: a date filter before the choice of the latest revision would show it twice or too long.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 2      |
        | 10 06 | a      | i1     | 12       | D1       | 2      |
        | 11 06 | a      | i1     | 3        | D1       | 2      |
        | 12 06 | a      | i1     | 13       | D1       | 7      |

        | as of | window | known     |
        | 9 06  | 2-8    | a/i1 D1 2 |
        | 10 06 | 2-8    | nothing   |
        | 10 06 | 9-15   | a/i1 D1 2 |
        | 11 06 | 2-8    | a/i1 D1 2 |
        | 11 06 | 9-15   | nothing   |
        | 12 06 | 2-8    | nothing   |
        | 12 06 | 9-15   | a/i1 D1 7 |
        """,
    "a window includes both its days": """
        | clock | source | record | happened | district | killed |
        | 20 06 | a      | i1     | 1        | D1       | 1      |
        |       |        | i2     | 2        | D1       | 2      |
        |       |        | i8     | 8        | D1       | 8      |
        |       |        | i9     | 9        | D1       | 9      |

        | as of | window | known                |
        | 20 06 | 2-8    | a/i2 D1 2, a/i8 D1 8 |
        | 20 06 | 2-2    | a/i2 D1 2            |
        | 20 06 | 8-2    | nothing              |
        """,
    "without a date": """
        A row without a date is known, and belongs to no week.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     |          | D1       | 2      |

        | as of | window | known     |
        | 9 06  | 1-30   | nothing   |
        | 9 06  | all    | a/i1 D1 2 |
        """,
    "withdrawn": """
        What a complete delivery no longer holds is gone from then on; an addition withdraws nothing.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 1      |
        |       |        | i2     | 4        | D1       | 2      |
        | 10 06 | a+     | i3     | 5        | D1       | 3      |
        | 11 06 | a      | i1     | 3        | D1       | 1      |
        | 12 06 | a      | -      |          |          |        |

        | as of | window | known                           |
        | 9 06  | 2-8    | a/i1 D1 1, a/i2 D1 2            |
        | 10 06 | 2-8    | a/i1 D1 1, a/i2 D1 2, a/i3 D1 3 |
        | 11 06 | 2-8    | a/i1 D1 1                       |
        | 12 06 | 2-8    | nothing                         |
        | 12 06 | all    | nothing                         |
        """,
    "re-instated": """
        A withdrawn record that is delivered again is there again, the same or not.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 1      |
        | 10 06 | a      | -      |          |          |        |
        | 11 06 | a      | i1     | 3        | D1       | 1      |
        | 12 06 | a      | -      |          |          |        |
        | 13 06 | a      | i1     | 4        | D2       | 9      |

        | as of | window | known     |
        | 9 06  | 2-8    | a/i1 D1 1 |
        | 10 06 | 2-8    | nothing   |
        | 11 06 | 2-8    | a/i1 D1 1 |
        | 12 06 | 2-8    | nothing   |
        | 13 06 | 2-8    | a/i1 D2 9 |
        """,
    "same instant": """
        Two deliveries on one clock reading: the second is one microsecond later.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 1      |
        | 9 06  | a      | i1     | 3        | D1       | 2      |
        | 9 06  | a      | i1     | 3        | D1       | 3      |

        | as of     | window | known     |
        | 9 06      | 2-8    | a/i1 D1 1 |
        | 9 06 +1us | 2-8    | a/i1 D1 2 |
        | 9 06 +2us | 2-8    | a/i1 D1 3 |
        | 10 06     | 2-8    | a/i1 D1 3 |
        """,
    "clock going backwards": """
        A clock that was put back cannot change what was known: the delivery comes after the last one.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 1      |
        | 8 06  | a      | i1     | 3        | D1       | 2      |
        | 7 06  | b      | j1     | 3        | D1       | 3      |

        | as of     | window | known                |
        | 8 06      | 2-8    | nothing              |
        | 9 06      | 2-8    | a/i1 D1 1            |
        | 9 06 +1us | 2-8    | a/i1 D1 2            |
        | 9 06 +2us | 2-8    | a/i1 D1 2, b/j1 D1 3 |
        """,
    "repeated delivery": """
        A delivery that says the same again changes nothing at any instant.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 1      |
        |       |        | i2     | 3        | D1       |        |
        | 10 06 | a      | i1     | 3        | D1       | 1      |
        |       |        | i2     | 3        | D1       |        |
        | 10 06 | a      | i2     | 3        | D1       |        |
        |       |        | i1     | 3        | D1       | 1      |

        | as of | window | known                |
        | 9 06  | 2-8    | a/i1 D1 1, a/i2 D1 ? |
        | 11 06 | 2-8    | a/i1 D1 1, a/i2 D1 ? |
        """,
    "two sources with one record_id": """
        A number means something only with its source: neither corrects nor withdraws the other's.

        | clock | source | record | happened | district | killed |
        | 9 06  | a      | i1     | 3        | D1       | 1      |
        | 10 06 | b      | i1     | 4        | D2       | 6      |
        | 11 06 | a      | i1     | 3        | D1       | 2      |
        | 12 06 | b      | -      |          |          |        |

        | as of | window | known                |
        | 9 06  | 2-8    | a/i1 D1 1            |
        | 10 06 | 2-8    | a/i1 D1 1, b/i1 D2 6 |
        | 11 06 | 2-8    | a/i1 D1 2, b/i1 D2 6 |
        | 12 06 | 2-8    | a/i1 D1 2            |
        """,
}


@pytest.mark.parametrize("rule", RULES)
def test_as_of_rule(rule: str, store: Store) -> None:
    """At each instant and window of its table, a rule's records are known as the table says."""
    deliveries, answers = tables(RULES[rule])
    for clock, source, rows in delivered(deliveries):
        with store.delivery(source=source.rstrip("+"), at=clock) as delivery:
            delivery.append(
                INCIDENT, incidents(rows, source=source.rstrip("+")), complete=not source.endswith("+")
            )
    for answer in answers:
        rows = told(store.read(INCIDENT, as_of=instant(answer["as of"]), window=window(answer["window"])))
        known = ", ".join(f"{s}/{r} {d} {'?' if k is None else k}" for s, r, d, k in rows) or "nothing"
        assert {**answer, "known": known} == answer


@pytest.mark.parametrize("rule", RULES)
def test_every_answer_can_be_given_again_later(rule: str, store: Store) -> None:
    """What was known at the time of each delivery is known the same after all later deliveries."""
    deliveries, _ = tables(RULES[rule])
    answers = []
    for clock, source, rows in delivered(deliveries):
        with store.delivery(source=source.rstrip("+"), at=clock) as delivery:
            delivery.append(
                INCIDENT, incidents(rows, source=source.rstrip("+")), complete=not source.endswith("+")
            )
        answers.append((delivery.recorded_at, store.read(INCIDENT, as_of=delivery.recorded_at)))
    for recorded_at, known in answers:
        assert store.read(INCIDENT, as_of=recorded_at).equals(known)


def tables(text: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the two tables of a rule, each a list of rows by column heading."""
    drawn = [
        [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        for is_table, lines in groupby(text.strip().splitlines(), key=lambda line: "|" in line)
        if is_table
    ]
    deliveries, answers = ([dict(zip(heading, row, strict=True)) for row in rows] for heading, *rows in drawn)
    return deliveries, answers


def delivered(lines: list[dict[str, str]]) -> list[tuple[datetime, str, list[Told]]]:
    """Return clock, source and rows of each delivery of a table."""
    deliveries: list[tuple[datetime, str, list[Told]]] = []
    for line in lines:
        if line["clock"]:
            deliveries.append((instant(line["clock"]), line["source"], []))
        if line["record"] != "-":
            happened = day(int(line["happened"])) if line["happened"] else None
            killed = int(line["killed"]) if line["killed"] else None
            deliveries[-1][2].append((line["record"], happened, line["district"], killed))
    return deliveries


def instant(text: str) -> datetime:
    """Return the instant that "9 06" or "9 06 +1us" writes."""
    number, hour, *later = text.split()
    return at(int(number), int(hour)) + timedelta(microseconds=int(later[0][1:-2]) if later else 0)


def window(text: str) -> tuple[date, date] | None:
    """Return the window that "2-8" or "all" writes."""
    if text == "all":
        return None
    first, last = text.split("-")
    return day(int(first)), day(int(last))
