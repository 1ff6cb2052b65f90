"""Panels that a picture has only on request."""

from __future__ import annotations

MARKET = "market"
PANELS = (MARKET,)
