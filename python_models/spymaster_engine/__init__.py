"""Numba kernels of Spymaster: pure functions over arrays, shared by dbt, tests and benchmarks."""

# part of every fingerprint: raise it when the same input would give other output
ENGINE_VERSION = "2"
