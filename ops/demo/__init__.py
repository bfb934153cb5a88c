"""The demo hub: what `./hub up` loads into an empty platform, through its public HTTP API alone.

Its shape is the Hub's own: the Region's culture department as promoter, ART-ER as support body, the Clust-ERs Create,
Innovate and Build, a laboratory, two spokes and two affiliates; their people; the laboratory's
page and what five of them offer in the catalogue; a dozen calls in every phase; trainings; needs, and a measure in
consultation. Addresses, tax codes, acts, people and calls are invented.

Each step bears an idempotency key of its own, so that a load that was cut off is simply done again.
"""

from __future__ import annotations

from ops.demo.loading import load, load_where_empty

EDITOR = "redazione@art-er.example"
"""Who imports and edits calls at the support body."""

__all__ = ["EDITOR", "load", "load_where_empty"]
