"""``spymaster demo``: from nothing to answers."""

from __future__ import annotations

import click
from spymaster_ingest.lake import Lake


@click.command(name="demo")
def command() -> None:
    """Make a small synthetic market, land it, build it and show what can be asked.

    Needs no key and no network. Works in the lake, which must be empty or an earlier
    demonstration's; a second run does only what is missing.
    """
    from spymaster.demo import run_demo

    run_demo(Lake.from_environment())
