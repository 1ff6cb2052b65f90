"""Slow, plain reference engines that the compiled kernels are compared with."""
