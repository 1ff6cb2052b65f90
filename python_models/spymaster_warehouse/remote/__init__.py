"""Bronze outside of the lake: what a build copies from it, and what it fetches for a partition.

Manifests and small tables are copied into the lake's bronze. Tables of records stay where they are:
the lake has their manifests, and in place of each file one with its columns and no rows, which
views read. What makes a partition fetches the files of its day, and reads them instead.
"""
