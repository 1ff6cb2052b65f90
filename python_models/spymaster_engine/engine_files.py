"""Names of the engine's files that programs without the engine look for."""

from __future__ import annotations

# written last; a contract-day without it is not finished
DONE_MARKER = "_DONE.json"
