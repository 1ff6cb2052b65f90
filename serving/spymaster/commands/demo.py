"""``spymaster demo``: from nothing to answers."""

from __future__ import annotations

import click
from spymaster_ingest.lake import Lake


@click.command(name="demo")
def command() -> None:
    """Write a small synthetic market, land it, build it and run example queries.

    Needs no key and no network. The lake must be empty or hold an earlier demonstration; a
    second run does only what is missing.
    """
    from spymaster.demo import run_demo

    run_demo(Lake.from_environment())
