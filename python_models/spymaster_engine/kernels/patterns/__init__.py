"""Fingerprints of algorithms in the records of orders, in windows of five seconds."""
