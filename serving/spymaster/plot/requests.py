"""Panels and marks that a picture has on request."""

from __future__ import annotations

MARKET = "market"
PANELS = (MARKET,)
RETESTS = "retests"
MARKS = (RETESTS,)
