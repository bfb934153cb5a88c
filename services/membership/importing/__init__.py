"""Members from a table: read, checked piece by piece, taken in by one unit of work or not at all, and then told."""

from services.membership.importing.run import begin, carry_on, forget_address

__all__ = ["begin", "carry_on", "forget_address"]
