"""The rules of calls: what a call is, what its dates mean, what an import run leaves behind. Pure: no I/O, no clock."""

from services.calls.domain.call import Call
from services.calls.domain.digests import Digests
from services.calls.domain.import_run import ImportRun
from services.calls.domain.source import Source, Validators
from services.calls.domain.states import STATE_NAMES, STEPS
from services.calls.domain.timetable import LAST_SECOND, WARNINGS, Timetable, over, phase, phase_of

__all__ = [
    "LAST_SECOND",
    "STATE_NAMES",
    "STEPS",
    "WARNINGS",
    "Call",
    "Digests",
    "ImportRun",
    "Source",
    "Timetable",
    "Validators",
    "over",
    "phase",
    "phase_of",
]
