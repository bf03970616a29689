"""All that the product assumes of the API, in the order in which people read it.

Sources: the vendor's public API documentation ("vendor"), the seed document ("seed"), the framework behind the API
("framework"). Nothing here decides whether a backup counts: any row may turn out otherwise, and the product is right
either way (docs/decisions/0019-the-dialect.md).
"""

from typing import Final

from fleet.doctor.assumptions.access import ACCESS
from fleet.doctor.assumptions.assumption import Assumption
from fleet.doctor.assumptions.backup_list import PAGES, PLANS, ROWS, TIMES
from fleet.doctor.assumptions.other_lists import OTHER_LISTS

ASSUMPTIONS: Final[tuple[Assumption, ...]] = (*ACCESS, *PAGES, *ROWS, *TIMES, *OTHER_LISTS, *PLANS)
