"""The command itself: its subcommands, its version, and the hint for a misspelt name."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from click.testing import CliRunner
from spymaster.cli import COMMANDS, cli


def test_every_subcommand_has_a_module_and_a_line() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).output
    for name, line in COMMANDS.items():
        assert f"  {name}" in shown
        assert line.split()[0] in shown
        assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0


def test_it_prints_its_version() -> None:
    assert version("spymaster") in CliRunner().invoke(cli, ["--version"]).output


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("plto", "No such command 'plto'. Did you mean 'plot'?"),
        ("lvels", "No such command 'lvels'. Did you mean 'levels'?"),
        ("zzz", "No such command 'zzz'.\n"),
    ],
)
def test_a_misspelt_subcommand_names_the_nearest(typed: str, suggestion: str) -> None:
    done = CliRunner().invoke(cli, [typed])
    assert done.exit_code == 2
    assert suggestion in done.output
