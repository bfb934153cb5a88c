"""Who writes in the catalogue."""

from __future__ import annotations

from shared.contracts.rights import ESK_OWNERS, LABORATORIES, MEMBERS
from shared.contracts.vocabulary import PersonRole

LABORATORY_EDITORS = LABORATORIES.at_least(PersonRole.editor)
OWNERS = ESK_OWNERS.at_least(PersonRole.editor) | LABORATORY_EDITORS
MEMBER_EDITORS = MEMBERS.at_least(PersonRole.editor)
