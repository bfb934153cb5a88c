"""CREATIVITY IN POLICY, from a member's need to the measure that answers it: a module per part, one name for all."""

from shared.contracts.policy.measure import *  # noqa: F403
from shared.contracts.policy.measure_events import *  # noqa: F403
from shared.contracts.policy.measure_operations import *  # noqa: F403
from shared.contracts.policy.need import *  # noqa: F403
from shared.contracts.policy.need_events import *  # noqa: F403
from shared.contracts.policy.need_operations import *  # noqa: F403
from shared.contracts.policy.synthesis import *  # noqa: F403
