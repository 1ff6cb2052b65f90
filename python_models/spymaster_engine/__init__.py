"""Numba kernels of Spymaster: pure functions over arrays, shared by dbt, tests and benchmarks."""

# part of every fingerprint: raise it when the output for the same input changes
ENGINE_VERSION = "2"
