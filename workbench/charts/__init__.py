"""Charts: a frame and the words of a language in, a figure or map of the document out."""

from workbench.charts._figure import figure
from workbench.charts.bars import weekly_bars
from workbench.charts.maps import district_map

__all__ = ["district_map", "figure", "weekly_bars"]
