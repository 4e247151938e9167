"""Draws from `random.Random.random()` alone, the one method whose results Python promises to keep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

_One = TypeVar("_One")


def pick(rng: Random, choices: Sequence[_One]) -> _One:
    """Return one of `choices`, each as likely as the next."""
    return choices[int(rng.random() * len(choices))]


def weighted(rng: Random, weights: Mapping[_One, float]) -> _One:
    """Return one key of `weights` with a chance in proportion to its weight."""
    left = rng.random() * sum(weights.values())
    for one, weight in weights.items():
        left -= weight
        if left < 0:
            return one
    return next(reversed(list(weights)))


def poisson(rng: Random, *, mean: float) -> int:
    """Return a Poisson count by multiplying uniform draws (Knuth), good for small means."""
    floor, product, count = math.exp(-mean), rng.random(), 0
    while product > floor:
        product *= rng.random()
        count += 1
    return count


def whole(rng: Random, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def delay_days(rng: Random, *, mean: float) -> float:
    """Return an exponential waiting time in days."""
    return -mean * math.log(1.0 - rng.random())
