"""Errors of kernels, apart from them: kernels bring a compiler along."""


class KernelError(Exception):
    """A kernel refuses its input; the message says in one line what is wrong with it."""
