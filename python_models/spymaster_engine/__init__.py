"""Numba kernels of Spymaster: pure functions over arrays, shared by dbt, tests and benchmarks."""
