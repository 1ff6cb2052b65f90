"""Products and contracts of the synthetic market.

Terms of a product (tick, point value) come from the seed ``instruments``. Settings of the generator
alone (start price, listed months) lie in ``products.csv`` beside this module.
"""

from __future__ import annotations

import csv
import datetime as dt
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_ingest.units import PRICE_SCALE

INSTRUMENTS_SEED = PROJECT_ROOT / "seeds" / "instruments.csv"
MARKETS_FILE = Path(__file__).with_name("products.csv")

# The expiring contract was the front until the roll; some days have none.
CONTRACT_KINDS = ("front", "next", "spread", "expiring")
_MONTH_LETTERS = "FGHJKMNQUVXZ"
# Volume has rolled out of a contract this many days before it expires.
_ROLL_DAYS = 8
_VENUE_ZONE = ZoneInfo("America/New_York")
# when trading ends on the last day, by expiry rule
EXPIRY_TIMES = {"third_friday": dt.time(9, 30), "crude_oil": dt.time(14, 30)}


@dataclass(frozen=True)
class ProductSpec:
    """A futures product of the synthetic market.

    Attributes:
        root: product root, such as ``ES``.
        tick_int: minimum price increment in 1e-9 points.
        point_value: USD per point.
        start_price_int: price around which the market moves, 1e-9 points.
        dataset: the vendor's dataset code.
        exchange: market identifier code.
        daily_move_ticks: typical change of the day's first price from one day to the next.
        hourly_move_ticks: standard deviation of an hour's price change in the dense session.
        contract_months: letters of the listed months.
        expiry_rule: one of EXPIRY_TIMES.
        carry_ticks: price of the next contract minus that of the front contract.
        spread_tick_divisor: ticks of the calendar spread per tick of the outright.
        unit_of_measure: the exchange's unit.
        first_order_id: order ids of a day start near this number (unsigned, 64 bits).
        has_snapshot: whether the day's file opens with the book at midnight UTC.
    """

    root: str
    tick_int: int
    point_value: float
    start_price_int: int
    dataset: str = "GLBX.MDP3"
    exchange: str = "XCME"
    daily_move_ticks: int = 40
    hourly_move_ticks: int = 32
    contract_months: str = "HMUZ"
    expiry_rule: str = "third_friday"
    carry_ticks: int = 220
    spread_tick_divisor: int = 5
    unit_of_measure: str = "IPNT"
    first_order_id: int = 6_418_300_000_000
    has_snapshot: bool = True


@dataclass(frozen=True)
class Contract:
    """One instrument of a day.

    Attributes:
        kind: one of CONTRACT_KINDS.
        symbol: the raw symbol, such as ``ESZ5`` or ``ESZ5-ESH6``.
        instrument_id: the venue's number, the same on every day.
        tick_int: minimum price increment in 1e-9 points.
        expiration: last trading moment, UTC.
        maturity: first day of the delivery month (of the near leg).
        legs: symbols of the two outrights of a spread, near first; empty for an outright.
    """

    kind: str
    symbol: str
    instrument_id: int
    tick_int: int
    expiration: dt.datetime
    maturity: dt.date
    legs: tuple[str, ...] = ()


def load_product(root: str, instruments: Path = INSTRUMENTS_SEED) -> ProductSpec:
    """Return a product from the seed ``instruments`` and the generator's own table.

    Raises:
        SpymasterError: if the root is missing from either file.
    """
    seed = _row(instruments, root)
    market = _row(MARKETS_FILE, root)
    return ProductSpec(
        root=root,
        tick_int=int(seed["tick_int"]),
        point_value=float(seed["point_value"]),
        start_price_int=round(float(market["start_price"]) * PRICE_SCALE),
        dataset=market["dataset"],
        exchange=market["exchange"],
        daily_move_ticks=int(market["daily_move_ticks"]),
        hourly_move_ticks=int(market["hourly_move_ticks"]),
        contract_months=market["contract_months"],
        expiry_rule=market["expiry_rule"],
        carry_ticks=int(market["carry_ticks"]),
        spread_tick_divisor=int(market["spread_tick_divisor"]),
        unit_of_measure=market["unit_of_measure"],
        first_order_id=int(market["first_order_id"]),
        has_snapshot=market["has_snapshot"] == "true",
    )


def _row(path: Path, root: str) -> dict[str, str]:
    if not path.is_file():
        raise SpymasterError(path, "is missing", "it describes the products; run in a checkout")
    with path.open(newline="", encoding="utf-8") as stream:
        rows = {row["root"]: row for row in csv.DictReader(stream)}
    if root not in rows:
        raise SpymasterError(path, f"has no row for {root}", f"it knows {', '.join(sorted(rows))}")
    return rows[root]


def contracts_of(product: ProductSpec, day: dt.date) -> dict[str, Contract]:
    """Return the contracts of a day by kind; some days have no ``expiring`` contract."""
    months = _months_from(product, day)
    front, following = (_outright(product, kind, *next(months)) for kind in ("front", "next"))
    symbol = f"{front.symbol}-{following.symbol}"
    spread = Contract(
        kind="spread",
        symbol=symbol,
        instrument_id=_instrument_id(symbol),
        tick_int=product.tick_int // product.spread_tick_divisor,
        expiration=front.expiration,
        maturity=front.maturity,
        legs=(front.symbol, following.symbol),
    )
    contracts = {"front": front, "next": following, "spread": spread}
    old = _month_before(product, front.maturity.year, front.maturity.month)
    if _expiry_date(product, *old) >= day:
        contracts["expiring"] = _outright(product, "expiring", *old)
    return contracts


def contract_of(product: ProductSpec, day: dt.date, kind: str) -> Contract:
    """Return the contract of a kind on a day.

    Raises:
        SpymasterError: when no such contract trades on this day.
    """
    contracts = contracts_of(product, day)
    if kind not in contracts:
        raise SpymasterError(f"contract {kind}", f"none of {product.root} trades on {day}")
    return contracts[kind]


def front_life_left(product: ProductSpec, day: dt.date) -> float:
    """Return the front contract's remaining life, in intervals between two expiries."""
    month = next(_months_from(product, day))
    expiry = _expiry_date(product, *month)
    interval = expiry - _expiry_date(product, *_month_before(product, *month))
    return (expiry - day).days / interval.days


def _months_from(product: ProductSpec, day: dt.date) -> Iterator[tuple[int, int]]:
    """Yield year and month of the contracts from the front contract on, without end."""
    year, month = day.year, day.month
    while True:
        is_ahead = (_expiry_date(product, year, month) - day).days >= _ROLL_DAYS
        if is_ahead and _is_listed(product, month):
            yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _month_before(product: ProductSpec, year: int, month: int) -> tuple[int, int]:
    """Return year and month of the contract that expires before another."""
    while True:
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        if _is_listed(product, month):
            return year, month


def _is_listed(product: ProductSpec, month: int) -> bool:
    return _MONTH_LETTERS[month - 1] in product.contract_months


def _outright(product: ProductSpec, kind: str, year: int, month: int) -> Contract:
    symbol = f"{product.root}{_MONTH_LETTERS[month - 1]}{year % 10}"
    date = _expiry_date(product, year, month)
    expiry = dt.datetime.combine(date, EXPIRY_TIMES[product.expiry_rule], _VENUE_ZONE)
    return Contract(
        kind=kind,
        symbol=symbol,
        instrument_id=_instrument_id(symbol),
        tick_int=product.tick_int,
        expiration=expiry.astimezone(dt.UTC),
        maturity=dt.date(year, month, 1),
    )


def _expiry_date(product: ProductSpec, year: int, month: int) -> dt.date:
    if product.expiry_rule == "third_friday":
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(4 - first.weekday()) % 7 + 14)
    if product.expiry_rule == "crude_oil":
        # Three business days before the 25th of the month before delivery; exchange holidays
        # may move the true date by a day; no synthetic day depends on it.
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        date = dt.date(year, month, 25)
        while date.weekday() > 4:
            date -= dt.timedelta(days=1)
        for _ in range(3):
            date -= dt.timedelta(days=3 if date.weekday() == 0 else 1)
        return date
    raise SpymasterError(product.root, f"unknown expiry rule {product.expiry_rule!r}")


def _instrument_id(symbol: str) -> int:
    return 1_000 + zlib.crc32(symbol.encode()) % 900_000
