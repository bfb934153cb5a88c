"""Support: help for those who prepare for a call, training sessions, and the search for partners.

A module per part, one name for all of it.
"""

from shared.contracts.support.calendars import *  # noqa: F403
from shared.contracts.support.help import *  # noqa: F403
from shared.contracts.support.partners import *  # noqa: F403
from shared.contracts.support.seats import *  # noqa: F403
from shared.contracts.support.training import *  # noqa: F403
