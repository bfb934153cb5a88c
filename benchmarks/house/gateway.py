"""The platform's own gateway, in a process that knows the benchmark's contract as it knows those of the hub."""

from __future__ import annotations

from benchmarks.house import echo as echo
from services.gateway.service import GatewayService as GatewayService
