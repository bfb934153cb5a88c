"""Calls (bandi), from the first import to the last award: a module per part, one name for all of it."""

from shared.contracts.calls.application_operations import *  # noqa: F403
from shared.contracts.calls.applications import *  # noqa: F403
from shared.contracts.calls.call import *  # noqa: F403
from shared.contracts.calls.call_events import *  # noqa: F403
from shared.contracts.calls.call_operations import *  # noqa: F403
from shared.contracts.calls.exports import *  # noqa: F403
from shared.contracts.calls.imports import *  # noqa: F403
from shared.contracts.calls.selection import *  # noqa: F403
from shared.contracts.calls.selection_events import *  # noqa: F403
from shared.contracts.calls.selection_operations import *  # noqa: F403
from shared.contracts.calls.sources import *  # noqa: F403
