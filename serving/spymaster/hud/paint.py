"""The tables of ``paint.json`` and the rules by which a number becomes a colour."""

from __future__ import annotations

from pathlib import Path

PAINT_FILE = Path(__file__).parent / "static" / "paint.json"
