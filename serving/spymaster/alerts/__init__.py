"""Alerts: what a trader asked to be told of, once per event, with its base rate."""
