"""The arguments of ``dbt build``, as far as Spymaster must understand them."""

from __future__ import annotations

from collections.abc import Sequence

# options with a value that select nodes, or partitions
_SELECTING = ("--select", "-s", "--models", "-m", "--exclude", "--selector", "--vars")
_VARS = "--vars"
# options that change where dbt writes about a build, and how fast it is, not what it builds
_OF_OUTPUT = (
    "--quiet",
    "-q",
    "--no-quiet",
    "--threads",
    "--log-level",
    "--log-level-file",
    "--log-path",
    "--target-path",
)
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def selecting(arguments: Sequence[str]) -> list[str]:
    """Return the arguments, with their values, that select nodes or partitions."""
    return [argument for option, argument in _by_option(arguments) if option in _SELECTING]


def selects_nodes(arguments: Sequence[str]) -> bool:
    """Return whether arguments name nodes, so that a build may leave some out."""
    return any(option in _SELECTING and option != _VARS for option, _ in _by_option(arguments))


def is_ordinary(arguments: Sequence[str]) -> bool:
    """Return whether every option selects, concerns output or leaves out the unit tests.

    Any other may ask for more than a build does, or for less.
    """
    return all(
        option in _SELECTING + _OF_OUTPUT
        or (option == WITHOUT_UNIT_TESTS[0] and argument in WITHOUT_UNIT_TESTS)
        for option, argument in _by_option(arguments)
    )


def _by_option(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Return each argument with the option that it is, or belongs to; empty before the first."""
    option = ""
    found = []
    for argument in arguments:
        if argument.startswith("-"):
            option = argument.partition("=")[0]
        found.append((option, argument))
    return found
