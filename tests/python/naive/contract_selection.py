"""The contract to use on a day, by the definition, date by date."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE = dt.time(18), dt.time(17)

# an unknown expiration sorts last
_NEVER = dt.date.max

Row = dict[str, object]


@dataclass(frozen=True)
class SessionTrades:
    """Trades of one contract in one session, as one partition holds them."""

    root: str
    symbol: str
    session_date: dt.date
    volume: int
    study_trade_count: int


@dataclass(frozen=True)
class Landed:
    """A landed partition of an outright."""

    root: str
    symbol: str
    dt: dt.date


@dataclass(frozen=True)
class Definition:
    """A definition message: times in UTC."""

    symbol: str
    expiration: dt.datetime
    received: dt.datetime


@dataclass(frozen=True)
class Rules:
    """The vars of the selection."""

    override: Mapping[str, str] = field(default_factory=dict)
    dominance_min: float = 0.80
    trim: int = 2
    liquidity_min: float = 0.50


@dataclass(frozen=True)
class Market:
    """All inputs of the selection; ``closures`` are (root, from, to) in local time."""

    trades: Sequence[SessionTrades]
    landed: Sequence[Landed]
    definitions: Sequence[Definition]
    closures: Sequence[tuple[str, dt.datetime, dt.datetime]] = ()


def globex_open(session_date: dt.date) -> dt.datetime:
    """Return the open of a session: 18:00 New York the evening before."""
    evening = session_date - dt.timedelta(days=1)
    return dt.datetime.combine(evening, OPEN, tzinfo=NEW_YORK)


def globex_close(session_date: dt.date) -> dt.datetime:
    """Return the close of a session: 17:00 New York."""
    return dt.datetime.combine(session_date, CLOSE, tzinfo=NEW_YORK)


def globex_session_date(instant: dt.datetime) -> dt.date:
    """Return the date of the session in progress at an aware instant."""
    local = instant.astimezone(NEW_YORK)
    return local.date() + dt.timedelta(days=local.time() >= OPEN)


def select_contracts(market: Market, rules: Rules) -> list[Row]:
    """Return the rows of the selection, ordered by root and date, columns as published."""
    roots = sorted({trades.root for trades in market.trades})
    return [row for root in roots for row in _select_root(market, rules, root)]


def _select_root(market: Market, rules: Rules, root: str) -> list[Row]:
    dates = sorted({trades.session_date for trades in market.trades if trades.root == root})
    causal = _causal_rows(market, rules, root, dates)
    research = _research_rows(market, rules, root, dates)
    return [
        {"root": root, "session_date": date, **causal[date], **research[date], "uses_future": True}
        for date in dates
    ]


def _volume_of(market: Market, root: str, date: dt.date) -> dict[str, int]:
    volume: dict[str, int] = {}
    for trades in market.trades:
        if trades.root == root and trades.session_date == date:
            volume[trades.symbol] = volume.get(trades.symbol, 0) + trades.volume
    return volume


def _expiration_date(
    market: Market, symbol: str, date: dt.date, before: dt.datetime
) -> dt.date | None:
    """Return the nearest expiration from ``date`` on among definitions received ``before``."""
    known = [
        definition.expiration.astimezone(NEW_YORK).date()
        for definition in market.definitions
        if definition.symbol == symbol and definition.received < before
    ]
    return min((expires for expires in known if expires >= date), default=None)


def _landed_symbols(market: Market, root: str, until: dt.date) -> set[str]:
    return {
        partition.symbol
        for partition in market.landed
        if partition.root == root and partition.dt <= until
    }


def _causal_rows(
    market: Market, rules: Rules, root: str, dates: Sequence[dt.date]
) -> dict[dt.date, Row]:
    rows: dict[dt.date, Row] = {}
    latest: tuple[dt.date, str] | None = None
    selected: str | None = None
    held: str | None = None
    for number, date in enumerate(dates):
        held = selected or held
        volume: dict[str, int] = {}
        ranked: list[str] = []
        if number == 0:
            selected, expires = _bootstrap(market, rules, root, date)
        else:
            volume = _volume_of(market, root, dates[number - 1])
            ranked, expirations = _ranked_by_volume(market, root, date, volume)
            selected = ranked[0] if ranked else None
            expires = expirations[selected] if selected else None
        if selected and expires:
            # never back to a contract that expires earlier
            latest = max(latest or (expires, selected), (expires, selected))
            expires, selected = latest
        rows[date] = {
            "selected_symbol": selected,
            "selected_exp_date": expires,
            "days_to_expiry": (expires - date).days if expires else None,
            "prev_trading_date": dates[number - 1] if number else None,
            "prev_volume_selected": volume.get(selected) if selected else None,
            "prev_volume_rank2": volume[ranked[1]] if len(ranked) > 1 else None,
            # there is no roll without a contract before it
            "roll_flag": selected != (held or selected) if selected else None,
        }
    return rows


def _bootstrap(
    market: Market, rules: Rules, root: str, date: dt.date
) -> tuple[str | None, dt.date | None]:
    landed = _landed_symbols(market, root, date)
    symbol = rules.override.get(root)
    if len(landed) == 1:
        [symbol] = landed
    if symbol not in landed:
        return None, None
    return symbol, _expiration_date(market, symbol, date, globex_close(date))


def _ranked_by_volume(
    market: Market, root: str, date: dt.date, volume: Mapping[str, int]
) -> tuple[list[str], dict[str, dt.date | None]]:
    """Return the eligible contracts, best first, with their expirations."""
    is_only_one = len(_landed_symbols(market, root, date)) == 1
    opens = globex_open(date)
    expirations = {symbol: _expiration_date(market, symbol, date, opens) for symbol in volume}
    eligible = [
        symbol
        for symbol, expires in expirations.items()
        if (is_only_one if expires is None else expires > date)
    ]
    ranked = sorted(
        eligible, key=lambda symbol: (-volume[symbol], expirations[symbol] or _NEVER, symbol)
    )
    return ranked, expirations


def _research_rows(
    market: Market, rules: Rules, root: str, dates: Sequence[dt.date]
) -> dict[dt.date, Row]:
    rows = {date: _dominance(market, root, date, is_first=date == dates[0]) for date in dates}
    runs: list[list[dt.date]] = []
    for number, date in enumerate(dates):
        if not _passes_dominance(rows[date], rules):
            continue
        before = dates[number - 1] if number else None
        goes_on = (
            before is not None
            and _passes_dominance(rows[before], rules)
            and rows[before]["dominant_symbol"] == rows[date]["dominant_symbol"]
            and not any(_missing_dates(market, root, before, date))
        )
        if goes_on:
            runs[-1].append(date)
        else:
            runs.append([date])
    for row in rows.values():
        row.update(
            run_id=None,
            run_pos=None,
            run_len=None,
            median_trade_count_run=None,
            trade_count_ratio=None,
            include_flag=False,
        )
    for run_id, run in enumerate(runs, start=1):
        median = float(statistics.median(rows[date]["trade_count_dominant"] for date in run))
        for position, date in enumerate(run):
            ratio = rows[date]["trade_count_dominant"] / median
            is_inside = len(run) > 2 * rules.trim and (
                rules.trim <= position <= len(run) - rules.trim - 1
            )
            rows[date].update(
                run_id=run_id,
                run_pos=position,
                run_len=len(run),
                median_trade_count_run=median,
                trade_count_ratio=ratio,
                include_flag=is_inside and ratio >= rules.liquidity_min,
            )
    return rows


def _dominance(market: Market, root: str, date: dt.date, *, is_first: bool) -> Row:
    counts: dict[str, int] = {}
    for trades in market.trades:
        if trades.root == root and trades.session_date == date and trades.study_trade_count:
            counts[trades.symbol] = counts.get(trades.symbol, 0) + trades.study_trade_count
    total = sum(counts.values())
    before = globex_close(date) if is_first else globex_open(date)
    ranked = sorted(
        counts,
        key=lambda symbol: (
            -counts[symbol],
            _expiration_date(market, symbol, date, before) or _NEVER,
            symbol,
        ),
    )
    dominant = ranked[0] if ranked else None
    return {
        "dominant_symbol": dominant,
        "dominance_ratio": counts[dominant] / total if dominant else None,
        "total_trade_count": total,
        "trade_count_dominant": counts[dominant] if dominant else None,
    }


def _passes_dominance(row: Row, rules: Rules) -> bool:
    ratio = row["dominance_ratio"]
    return ratio is not None and ratio >= rules.dominance_min


def _missing_dates(market: Market, root: str, before: dt.date, after: dt.date) -> Iterable[dt.date]:
    """Yield the weekdays between two dates on which the market was open at some time."""
    for days in range(1, (after - before).days):
        date = before + dt.timedelta(days=days)
        opens = dt.datetime.combine(date - dt.timedelta(days=1), OPEN)
        closes = dt.datetime.combine(date, CLOSE)
        is_closed = any(
            name == root and start <= opens and closes <= end
            for name, start, end in market.closures
        )
        if date.isoweekday() <= 5 and not is_closed:
            yield date
