"""``spymaster init``: write the file of a lake's settings."""

from __future__ import annotations

import click
from spymaster_ingest.console import out
from spymaster_ingest.durable import write_text
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake


@click.command(
    name="init",
    epilog="\b\nExamples:\n  SPYMASTER_LAKE=~/oil spymaster init\n  spymaster init --print",
)
@click.option("--print", "only_print", is_flag=True, help="Print the file instead of writing it.")
def command(only_print: bool) -> None:
    """Write spymaster.toml into the lake, with every setting commented out at its default.

    Every command, and a plain dbt in the project, reads the file. An option of a command counts
    before a variable of the environment, that before the file, and the file before the default. A
    file that is there stays as it is.
    """
    from spymaster_warehouse.settings.template import template

    if only_print:
        click.echo(template(), nl=False)
        return
    lake = Lake.from_environment()
    if lake.settings.exists():
        raise SpymasterError(
            lake.settings, "is there already", "`spymaster init --print` shows every setting"
        )
    lake.make_root()
    write_text(lake.settings, template())
    out.print(f"wrote {lake.settings}: every setting is commented out", markup=False)
    out.print("next: spymaster land FILES, then spymaster build")
