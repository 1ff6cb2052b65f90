"""Partitions shared between lakes: files that are named by what they were made of."""
