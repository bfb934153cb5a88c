"""Notifications: what matters to each person, told once; a module per part, one name for all of it."""

from shared.contracts.notifications.inbox import *  # noqa: F403
from shared.contracts.notifications.preferences import *  # noqa: F403
from shared.contracts.notifications.searches import *  # noqa: F403
from shared.contracts.notifications.webhooks import *  # noqa: F403
