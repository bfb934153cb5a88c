"""Who answers, who organises, who searches."""

from __future__ import annotations

from shared.contracts.rights import CLUSTERS, MEMBERS, STAFF, SUPPORT_STAFF
from shared.contracts.vocabulary import PersonRole

MEMBER_EDITORS = MEMBERS.at_least(PersonRole.editor)
HELPERS = CLUSTERS.at_least(PersonRole.editor) | SUPPORT_STAFF
"""Those who answer requests for help."""
ORGANISERS = CLUSTERS.at_least(PersonRole.editor) | STAFF
"""Those who hold training sessions."""
