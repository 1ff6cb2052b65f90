"""The ``spymaster`` command: one module of ``spymaster.commands`` per subcommand."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import os
import sys
from pathlib import Path

import click
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError, as_one_line
from spymaster_ingest.plain_text import plain, shortened

COMMANDS = {
    "alerts": "List the alerts that the rules would have given on a past day.",
    "book": "Print the order book of a contract at a moment.",
    "build": "Build the warehouse with dbt and publish it.",
    "catalogue": "Print what the book does in the seconds before price moves far.",
    "compare": "Compare the order flow of two market-by-order files.",
    "compare-live": "Compare what live runs made of a day with its build.",
    "demo": "Write a small market, land it, build it and run example queries.",
    "evaluate": "Judge the odds of retrieval against simpler rivals, day by day.",
    "explain": "Say what a value is made of, down to the records behind it.",
    "fetch": "Download DBN files from the vendor into the raw store.",
    "flags": "Print the census of actions and flags of a DBN file.",
    "gateway": "Relay the newest signals of levels from NATS to clients of a WebSocket.",
    "generate": "Write a synthetic market as DBN files.",
    "hud": "Write the picture of the screen at a moment, without a browser.",
    "init": "Write the file of a lake's settings.",
    "land": "Land DBN files as Parquet partitions.",
    "level": "Add, list or remove own levels, prices by hand.",
    "levels": "Print the levels of a moment with the orders at each.",
    "live": "Make the rows of today as its records come.",
    "nats": "Run a server of NATS for this machine.",
    "persist": "Write messages of NATS to Parquet in the lake.",
    "plot": "Draw the book of a contract over some minutes.",
    "publish": "Copy the warehouse to the file analysts open.",
    "replay": "Replay a built day as if it were live, by the SQL of its build.",
    "serve": "Show the surfaces of a day in the browser, second by second.",
    "setups": "Print the most similar past approaches to a level and what followed.",
    "status": "Say what the lake holds and what a build would do.",
    "store": "Copy or clean up the partitions that builds share.",
    "train": "Fit models on earlier days and compare them with rivals and retrieval.",
    "verify": "Re-hash the lake against its manifests.",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand only when it runs, which keeps help quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a subcommand and return its command."""
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        return importlib.import_module(f"spymaster.commands.{module}").command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; for a misspelt name the error suggests the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            for near in difflib.get_close_matches(args[0], COMMANDS, n=1):
                ctx.fail(f"{error.message} Did you mean {near!r}?")
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in sorted(COMMANDS)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="spymaster")
def cli() -> None:
    """Order-book warehouse for futures: land DBN files, build surfaces, query with SQL.

    The lake lies at $SPYMASTER_LAKE, or in lake/ of the project when that is not set.
    """


def main() -> None:
    """Run the command line; an expected error prints one line and exits with status 1."""
    try:
        status = cli.main(prog_name="spymaster", standalone_mode=False)
    except click.ClickException as error:
        _print_usage_error(error)
        sys.exit(error.exit_code)
    except click.Abort:
        err.print("stopped")
        sys.exit(1)
    except Exception as error:
        line = as_one_line(error)
        if line is None:
            raise
        _print_error(f"error: {line}")
        _drop_unwritten()
        sys.exit(1)
    # the status of an early end, such as that of --help
    sys.exit(status if isinstance(status, int) else 0)


def _print_usage_error(error: click.ClickException) -> None:
    """Print what click says of wrong arguments, which it repeats as they were typed."""
    text = io.StringIO()
    error.show(text)
    for line in text.getvalue().splitlines():
        click.echo(plain(shortened(line)), err=True)


def _print_error(line: str) -> None:
    """Print an error; when stderr cannot be written, the exit status alone says it."""
    with contextlib.suppress(SpymasterError):
        err.print(line, style="bold red", markup=False)


def _drop_unwritten() -> None:
    """Drop output that cannot be written: Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
