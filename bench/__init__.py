"""Benchmarks: how fast Spymaster is beside the vendor's tools and other order-book engines."""
