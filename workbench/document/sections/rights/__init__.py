"""Human rights due diligence, for the readers of the compartment human_rights and for nobody else."""

from workbench.document.sections.rights._alleged import (
    allegation_list,
    alleged_units,
    report_times,
)
from workbench.document.sections.rights._head import (
    rights_bottom_line,
    rights_figures,
    rights_masthead,
    rights_recommendations,
    rights_registers,
)
from workbench.document.sections.rights._method import (
    rights_method,
    rights_not_known,
    rights_sources,
)
from workbench.document.sections.rights._support import (
    measures_due,
    reviews_due,
    support_register,
    support_to_decide,
)

__all__ = [
    "allegation_list",
    "alleged_units",
    "measures_due",
    "report_times",
    "reviews_due",
    "rights_bottom_line",
    "rights_figures",
    "rights_masthead",
    "rights_method",
    "rights_not_known",
    "rights_recommendations",
    "rights_registers",
    "rights_sources",
    "support_register",
    "support_to_decide",
]
