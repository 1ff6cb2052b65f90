"""Benchmarks: Spymaster's speed against the vendor's tools and other order-book engines."""
