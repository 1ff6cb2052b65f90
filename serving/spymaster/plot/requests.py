"""Panels that a picture has on request."""

from __future__ import annotations

MARKET = "market"
PANELS = (MARKET,)
