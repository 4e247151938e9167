"""One page for each two issues that readers can compare, beside the index page and renewed with it."""

from __future__ import annotations

from workbench.publish.compare._differences import Differences, Row, differences
from workbench.publish.compare._pages import Comparison, write
from workbench.publish.compare._pairs import Pair, pairs
from workbench.publish.compare._render import render

__all__ = ["Comparison", "Differences", "Pair", "Row", "differences", "pairs", "render", "write"]
