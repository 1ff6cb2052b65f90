"""Options of the commands that run a contract-day: where its rows go."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from spymaster_ingest.console import err

from spymaster.transport.settings import nats_option

if TYPE_CHECKING:
    from spymaster.live.attached import Wishes

SIGNALS = "gold.level_signals"
_OPTIONS = (
    click.option(
        "--out",
        "outs",
        type=click.Choice(["screen", "jsonl", "nats"]),
        multiple=True,
        help="Where the run goes: a screen in the browser, lines of JSON on standard output, "
        "messages of NATS. May be given again.  [default: jsonl, with --open screen]",
    ),
    click.option("--open", "open_browser", is_flag=True, help="Open the screen in the browser."),
    click.option(
        "--relation",
        default=SIGNALS,
        show_default=True,
        help="Whose rows are lines; of level_signals the payload.",
    ),
    click.option(
        "--all", "has_all", is_flag=True, help="Make every live relation, not only those shown."
    ),
    click.option("--quiet", "is_quiet", is_flag=True, help="Give no alerts."),
    click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        help="Address of the screen. Beyond this machine every request needs a token: that of "
        "SPYMASTER_SERVE_TOKEN, or one that is made and printed.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        default=8_765,
        show_default=True,
        help="Port of the screen, 0 for a free one.",
    ),
    nats_option,
)
# arguments of a command that these options fill
NAMES = ("outs", "open_browser", "relation", "has_all", "is_quiet", "host", "port", "nats_url")


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wishes_of(given: dict[str, Any]) -> Wishes:
    """Return what the options ask for.

    Args:
        given: arguments of the command; those of ``NAMES`` are read.
    """
    from spymaster.live.attached import JSONL, SCREEN, Wishes

    outs = set(given["outs"])
    if given["open_browser"]:
        outs.add(SCREEN)
    return Wishes(
        outs or {JSONL},
        given["relation"],
        given["has_all"],
        given["host"],
        given["port"],
        given["nats_url"],
        given["is_quiet"],
    )


def shown(open_browser: bool) -> Callable[[str], None]:
    """Return what takes the address of the screen."""

    def show(url: str) -> None:
        err.print(url, markup=False, soft_wrap=True)
        if open_browser:
            webbrowser.open(url)

    return show
