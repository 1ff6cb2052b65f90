"""The screen of a run: its last second is the end of today."""
