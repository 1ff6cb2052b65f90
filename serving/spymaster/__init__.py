"""Ingest side of Spymaster: landing, downloading, the synthetic market, the command line."""
