"""Membership: organisations, the people in them, and the ways in. A module per part, one name for all of it."""

from shared.contracts.membership.application import *  # noqa: F403
from shared.contracts.membership.audit import *  # noqa: F403
from shared.contracts.membership.directory import *  # noqa: F403
from shared.contracts.membership.expression_of_interest import *  # noqa: F403
from shared.contracts.membership.importing import *  # noqa: F403
from shared.contracts.membership.organisation import *  # noqa: F403
from shared.contracts.membership.people import *  # noqa: F403
from shared.contracts.membership.standing import *  # noqa: F403
