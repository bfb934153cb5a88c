"""The catalogue: what spokes and affiliates share (E.S.K.) and what research laboratories offer (OLTRE I LAB).

A module per part, one name for all of it.
"""

from shared.contracts.catalogue.access import *  # noqa: F403
from shared.contracts.catalogue.exchange import *  # noqa: F403
from shared.contracts.catalogue.item import *  # noqa: F403
from shared.contracts.catalogue.laboratory import *  # noqa: F403
from shared.contracts.catalogue.matching import *  # noqa: F403
from shared.contracts.catalogue.owners import *  # noqa: F403
from shared.contracts.catalogue.search import *  # noqa: F403
