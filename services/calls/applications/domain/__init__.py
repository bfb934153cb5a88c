"""The rules of applications: what they go through, how they are judged, ranked and funded. Pure: no I/O, no clock."""

from services.calls.applications.domain.admission import AlreadyApplying, NoSelectionTerms, require_open
from services.calls.applications.domain.application import GrantApplication, OwnGrantApplication
from services.calls.applications.domain.award import Award
from services.calls.applications.domain.evaluation import Evaluation, share_of
from services.calls.applications.domain.ranking import Candidate, Ranking
from services.calls.applications.domain.register import Register, register_id, year_of
from services.calls.applications.domain.selection import Selection, TermsAreFixed
from services.calls.applications.domain.states import UNDECIDED

__all__ = [
    "UNDECIDED",
    "AlreadyApplying",
    "Award",
    "Candidate",
    "Evaluation",
    "GrantApplication",
    "NoSelectionTerms",
    "OwnGrantApplication",
    "Ranking",
    "Register",
    "Selection",
    "TermsAreFixed",
    "register_id",
    "require_open",
    "share_of",
    "year_of",
]
