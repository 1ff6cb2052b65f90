"""Kernels: pure functions over arrays that rebuild books and measure what happens in them."""
