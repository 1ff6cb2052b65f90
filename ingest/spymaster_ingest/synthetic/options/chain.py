"""The option chain of a synthetic day on the front future.

The finest tick and the spacing of strikes come from the seed ``instruments``; settings of the
generator alone lie in ``option_products.csv`` beside this module.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic.contract_prices import opening_tick
from spymaster_ingest.synthetic.products_and_contracts import (
    INSTRUMENTS_SEED,
    Contract,
    contracts_of,
)
from spymaster_ingest.synthetic.schedule import closures_of, trading_days
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import PRICE_SCALE

OPTIONS_FILE = Path(__file__).with_name("option_products.csv")
CALL, PUT = "C", "P"

_MONTH_LETTERS = "FGHJKMNQUVXZ"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
# The second expiry is the last trading day up to a week ahead.
_DAYS_AHEAD = 7
# The user-defined spread buys the call this many strikes above the centre, and sells the call
# twice as many above.
_SPREAD_STRIKES = 2
_IDS_PER_EXPIRY = 1_000


@dataclass(frozen=True)
class OptionProduct:
    """The options on a futures product.

    Attributes:
        root: product root of the future.
        tick_int: finest price increment, 1e-9 points.
        coarse_ticks: finest increments in the increment of dearer options.
        coarse_above_ticks: premium, in finest increments, above which the coarse increment holds.
        strike_step_int: distance of neighboring strikes, 1e-9 points.
        strikes: number of strikes per expiry, centred on the day's opening price.
        volatility: usual volatility at the money, per square root of a year.
        skew, smile: slope of the volatility over standardised strikes, and how much steeper its
            wings are.
        rate: continuously compounded interest rate per year.
        expiry_time: when options expire, in ``time_zone``.
        time_zone: zone of the expiry.
        weekly_assets: product code per weekday of the expiry, ``{week}`` of its month.
        group: the exchange's security group.
        symbol_strike_unit: points per unit of the strike in a symbol.
        first_instrument_id: first instrument id of a day; ids name other options the next day.
    """

    root: str
    tick_int: int
    coarse_ticks: int
    coarse_above_ticks: int
    strike_step_int: int
    strikes: int
    volatility: float
    skew: float
    smile: float
    rate: float
    expiry_time: dt.time
    weekly_assets: tuple[str, ...]
    group: str
    symbol_strike_unit: float
    first_instrument_id: int
    time_zone: str = "America/New_York"


@dataclass(frozen=True)
class OptionContract:
    """One listed option.

    Attributes:
        symbol: raw symbol, such as ``E1CV5 C6700``.
        instrument_id: the venue's number on this day.
        right: CALL or PUT.
        strike_int: strike, 1e-9 points.
        expiration: UTC.
        asset: product code.
    """

    symbol: str
    instrument_id: int
    right: str
    strike_int: int
    expiration: dt.datetime
    asset: str


@dataclass(frozen=True)
class OptionSpread:
    """A user-defined spread of two options: it buys the first and sells the second."""

    symbol: str
    instrument_id: int
    legs: tuple[OptionContract, OptionContract]


@dataclass(frozen=True)
class Chain:
    """The options of a day.

    Attributes:
        product: their shared terms.
        future: their underlying.
        expirations: UTC, the day's own expiry first.
        strikes_int: ascending, 1e-9 points, the same for every expiry.
        options: by expiry, then strike, then right (the call first).
        spread: the user-defined spread, of options of the first expiry.
    """

    product: OptionProduct
    future: Contract
    expirations: tuple[dt.datetime, ...]
    strikes_int: tuple[int, ...]
    options: tuple[OptionContract, ...]
    spread: OptionSpread

    @cached_property
    def contracts(self) -> tuple[OptionContract | OptionSpread, ...]:
        """All listed contracts, the spread last."""
        return (*self.options, self.spread)


@cache
def load_option_product(root: str, instruments: Path = INSTRUMENTS_SEED) -> OptionProduct:
    """Return the options of a product root.

    Raises:
        SpymasterError: if the root is missing from the seed or the generator's table.
    """
    seed, own = _row(instruments, root), _row(OPTIONS_FILE, root)
    tick_int = _price_int(seed["option_tick_size"])
    return OptionProduct(
        root=root,
        tick_int=tick_int,
        coarse_ticks=_price_int(own["coarse_tick"]) // tick_int,
        coarse_above_ticks=_price_int(own["coarse_above"]) // tick_int,
        strike_step_int=_price_int(seed["gex_strike_step"]),
        strikes=int(own["strikes"]),
        volatility=float(own["volatility"]),
        skew=float(own["skew"]),
        smile=float(own["smile"]),
        rate=float(own["rate"]),
        expiry_time=dt.time.fromisoformat(own["expiry_time"]),
        weekly_assets=tuple(own[weekday] for weekday in _WEEKDAYS),
        group=own["group"],
        symbol_strike_unit=float(own["symbol_strike_unit"]),
        first_instrument_id=int(own["first_instrument_id"]),
    )


def _price_int(points: str) -> int:
    return round(float(points) * PRICE_SCALE)


def _row(path: Path, root: str) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8") as stream:
        rows = {row["root"]: row for row in csv.DictReader(stream)}
    if root not in rows:
        raise SpymasterError(path, f"has no row for {root}", f"it knows {', '.join(sorted(rows))}")
    return rows[root]


def option_chain(market: SyntheticMarket, day: dt.date) -> Chain:
    """Return the chain of a day: an expiry on the day itself, and an expiry within a week."""
    product = load_option_product(market.product.root)
    future = contracts_of(market.product, day)["front"]
    dates = (day, _next_expiry(product.root, day))
    strikes = _strikes(product, opening_price_int(market, day))
    first_ids = [product.first_instrument_id + n * _IDS_PER_EXPIRY for n in range(len(dates) + 1)]
    terms = [(strike, right) for strike in strikes for right in (CALL, PUT)]
    options = tuple(
        _option(product, date, strike, right, first_id + number)
        for date, first_id in zip(dates, first_ids[:-1], strict=True)
        for number, (strike, right) in enumerate(terms)
    )
    centre = len(strikes) // 2
    bought, sold = (options[2 * (centre + n * _SPREAD_STRIKES)] for n in (1, 2))
    spread = OptionSpread(
        symbol=f"UD:1V: VT {day:%m%d}01",
        instrument_id=first_ids[-1],
        legs=(bought, sold),
    )
    expirations = tuple(_expiration(product, date) for date in dates)
    return Chain(product, future, expirations, strikes, options, spread)


def opening_price_int(market: SyntheticMarket, day: dt.date) -> int:
    """Return the price at which the future's day opens, 1e-9 points."""
    return opening_tick(market, day, "front") * market.product.tick_int


def _next_expiry(root: str, day: dt.date) -> dt.date:
    ahead = trading_days(day + dt.timedelta(days=1), _DAYS_AHEAD, root)
    return max(date for date in ahead if date <= day + dt.timedelta(days=_DAYS_AHEAD))


def _strikes(product: OptionProduct, price_int: int) -> tuple[int, ...]:
    step = product.strike_step_int
    below = product.strikes // 2
    # A strike is above zero, even if the future is cheap.
    lowest = max((price_int + step // 2) // step - below, 1)
    return tuple(step * (lowest + n) for n in range(product.strikes))


def _expiration(product: OptionProduct, date: dt.date) -> dt.datetime:
    """Return when options of a date expire: at the close if the market closes early."""
    moment = dt.datetime.combine(date, product.expiry_time, tzinfo=ZoneInfo(product.time_zone))
    for closure in closures_of(product.root):
        if closure.start <= moment < closure.end:
            moment = closure.start
    return moment.astimezone(dt.UTC)


def _option(
    product: OptionProduct, date: dt.date, strike_int: int, right: str, instrument_id: int
) -> OptionContract:
    week = (date.day - 1) // 7 + 1
    asset = product.weekly_assets[date.weekday()].format(week=week)
    strike = round(strike_int / PRICE_SCALE / product.symbol_strike_unit)
    month = f"{_MONTH_LETTERS[date.month - 1]}{date.year % 10}"
    return OptionContract(
        symbol=f"{asset}{month} {right}{strike}",
        instrument_id=instrument_id,
        right=right,
        strike_int=strike_int,
        expiration=_expiration(product, date),
        asset=asset,
    )
