"""Patterns: moments that a scan from second to second finds."""

from spymaster_engine.kernels.patterns.key_movements import key_movements

__all__ = ["key_movements"]
