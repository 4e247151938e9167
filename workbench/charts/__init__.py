"""Charts: a frame and the words of a language in, a figure or map of the document out."""

from workbench.charts._figure import figure
from workbench.charts.bars import weekly_bars
from workbench.charts.coverage import coverage_matrix
from workbench.charts.dots import change_dots
from workbench.charts.heat import district_weeks
from workbench.charts.maps import district_map
from workbench.charts.outlook import outlook_fan
from workbench.charts.outlook_dots import outlook_dots
from workbench.charts.released import released_weeks
from workbench.charts.risk import risk_matrix
from workbench.charts.strip import strip
from workbench.charts.then_now import then_and_now

__all__ = [
    "change_dots",
    "coverage_matrix",
    "district_map",
    "district_weeks",
    "figure",
    "outlook_dots",
    "outlook_fan",
    "released_weeks",
    "risk_matrix",
    "strip",
    "then_and_now",
    "weekly_bars",
]
