"""Partitions as pieces of work that need no database, and who does them."""
