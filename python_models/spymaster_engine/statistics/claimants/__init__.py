"""Claimants: models of sequences that claim to know the odds, and calibration of such claims.

Functions over arrays only. A claimant is fitted on sequences of earlier days and states odds, or a
number, for others; what it has learned is an artefact of bytes that a content hash protects.
"""
