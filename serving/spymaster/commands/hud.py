"""``spymaster hud``: write the picture of the screen at a moment."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake

from spymaster.commands.options import ClockTime
from spymaster.hud.paint import THEMES

_EXAMPLE = """\b
Example:
  spymaster hud --symbol ESZ5 --dt 2025-10-16 --end 10:00:00 --out now.png
  spymaster hud --symbol ESZ5 --dt 2025-10-16 --end 10:00:00 --seconds 600 --ticks 60 \\
    --second-pixels 2 --tick-pixels 6 --layers wall,levels,spot,trades --out near.png
"""


class LayerNames(click.ParamType):
    """Names of layers with commas between them."""

    name = "NAME[,NAME...]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names."""
        from spymaster.hud.render import LAYER_NAMES

        names = tuple(str(value).split(",")) if isinstance(value, str) else LAYER_NAMES
        for name in names:
            if name not in LAYER_NAMES:
                self.fail(f"{name!r} is not one of {', '.join(LAYER_NAMES)}.", param, ctx)
        return names


class DepthRange(click.ParamType):
    """Two depths with a comma between them."""

    name = "LOW,HIGH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return the two depths, contracts."""
        low, _, high = str(value).partition(",")
        if not (low.isdecimal() and high.isdecimal() and 0 < int(low) < int(high)):
            self.fail(f"{value!r} is not two whole numbers, the lower one first: 4,128", param, ctx)
        return int(low), int(high)


@click.command(name="hud", epilog=_EXAMPLE)
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="UTC date of the partition. Every local time of day occurs once in it, some on the local "
    "date before or after.",
)
@click.option(
    "--end", type=ClockTime(), help="Now, the lake's local time.  [default: end of the day]"
)
@click.option(
    "--out",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="PNG file to write.",
)
@click.option(
    "--seconds",
    type=click.IntRange(1, 1_800),
    default=1_800,
    show_default=True,
    help="Columns up to now.",
)
@click.option(
    "--ticks",
    type=click.IntRange(1, 400),
    default=400,
    show_default=True,
    help="Rows above and below spot.",
)
@click.option("--second-pixels", type=click.IntRange(1, 20), default=1, help="Width of a second.")
@click.option("--tick-pixels", type=click.IntRange(1, 20), default=1, help="Height of a tick.")
@click.option("--theme", type=click.Choice(THEMES), default=THEMES[0], show_default=True)
@click.option("--layers", type=LayerNames(), help="Layers to draw.  [default: all]")
@click.option(
    "--depth",
    type=DepthRange(),
    help="Contracts that take the first and the last colour.  "
    "[default: the 2 % and the 98 % quantile of the depths in the picture]",
)
@click.option("--axes/--no-axes", default=True, help="Title, prices and times around the cells.")
@click.option(
    "--card/--no-card",
    default=None,
    help="The card of a level beside the cells, as `spymaster levels` says it.  "
    "[default: with the axes]",
)
@click.option(
    "--level", "level_id", help="Level of the card, e.g. pm_high.  [default: the one in question]"
)
def command(
    symbol: str,
    day: dt.datetime,
    end: dt.time | None,
    path: Path,
    seconds: int,
    ticks: int,
    second_pixels: int,
    tick_pixels: int,
    theme: str,
    layers: tuple[str, ...] | None,
    depth: tuple[int, int] | None,
    axes: bool,
    card: bool | None,
    level_id: str | None,
) -> None:
    """Write the picture of the screen at a moment, without a browser.

    One column a second and one row a tick, the newest second at the right of the past, empty
    space for the future beyond it, and a strip of scores per level below. The cells are those of
    the page. Invalid seconds are hatched, missing seconds stay empty, NULL is transparent and zero
    is not.

    The card at the right is about the level in question: the one with an approach under way nearest
    to spot, else the nearest active one. It has the words of `spymaster levels` in the same order,
    bars for the ladder and the odds with marks at what is usual, and a light for each of the four
    conditions, with its reading in units of its usual size.
    """
    from spymaster.clock import clock_of_lake
    from spymaster.hud import render_hud
    from spymaster.hud.frame import size_of
    from spymaster.hud.paint import DepthScale
    from spymaster.hud.render import LAYER_NAMES, Look

    with_card = axes if card is None else card
    if level_id is not None and not with_card:
        raise click.UsageError("--level is about the card: add --card.")
    scale = DepthScale(*depth) if depth else None
    look = Look(size_of(seconds, ticks), theme, layers or LAYER_NAMES, scale)
    lake = Lake.from_environment()
    clock = clock_of_lake(lake)
    end_s = None
    if end is not None:
        end_s = int(clock.utc_of(day.date(), end, "--end").replace(tzinfo=dt.UTC).timestamp())
    newest_s = render_hud(
        symbol,
        day.date(),
        end_s,
        path,
        lake=lake,
        look=look,
        second_px=second_pixels,
        tick_px=tick_pixels,
        with_axes=axes,
        with_card=with_card,
        level_id=level_id,
    )
    newest = clock.day_and_time(dt.datetime.fromtimestamp(newest_s, dt.UTC))
    out.print(f"{path}: {symbol} {newest}", markup=False)
