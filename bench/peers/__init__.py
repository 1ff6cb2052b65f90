"""Other projects' engines, each run in its own environment."""
