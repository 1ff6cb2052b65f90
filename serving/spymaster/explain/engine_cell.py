"""Explain a count of the engine by the records of its second."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE, epoch_ns

from spymaster.book_source import missing_orders
from spymaster.explain.attribution import Effect, Order, Record
from spymaster.explain.catalogue import Catalogue
from spymaster.explain.counts import CONTEXT, Count, Frame, count
from spymaster.explain.second import Replayed, replay_second
from spymaster.explain.steps import same
from spymaster.explain.wanted import Row
from spymaster.remote_records import where_records_lie

# records and orders that an explanation lists
MOST_RECORDS = 2_000
_LAST_TRADE = ("last_trade_price_int", "last_trade_price")
_FLAGS = {
    1: "no snapshot or clear yet",
    2: "a snapshot or clear in this second",
    4: "the vendor doubts the book since the last snapshot",
    8: "the book is locked, crossed, or empty on a side at the end of the second",
    16: "not in continuous trading",
    32: "too many cancels of unknown orders in the last minute",
    64: "no record for too long",
}


@dataclass
class EngineCell:
    """A count with its records, as parts of the document."""

    records: list[Row] = field(default_factory=list)
    n_records: int = 0
    orders: list[Row] = field(default_factory=list)
    total: Row = field(default_factory=dict)
    recomputed: Any = None
    is_equal: bool | None = None
    notes: list[str] = field(default_factory=list)


def explain_count(catalogue: Catalogue, relation: str, column: str, row: Row) -> EngineCell:
    """Replay the second of a row and return what makes up its value.

    Args:
        catalogue: of the published file.
        relation: an engine relation.
        column: its column.
        row: the published row.
    """
    cell = EngineCell()
    if column in CONTEXT:
        cell.notes.append(f"records not shown: {CONTEXT[column]}")
        cell.notes += _flags_in_words(column, row)
        return cell
    partition = catalogue.partition(row["symbol"], row["dt"])
    path = partition["landed_path"] and catalogue.lake.root / partition["landed_path"]
    if path and (elsewhere := where_records_lie(catalogue.lake, path.parent)):
        cell.notes.append(f"records not shown: {elsewhere}")
        return cell
    orders_missing = missing_orders(catalogue.connection, row["symbol"], row["dt"])
    if orders_missing:
        if column in _LAST_TRADE:
            _describe_last_trade(cell, catalogue, column, row)
        else:
            cell.notes.append(f"records not shown: {orders_missing}")
        return cell
    settings = catalogue.engine_pass(row["symbol"], row["dt"])
    if settings is None or not path:
        cell.notes.append(
            "records not shown: the file was published without the settings of the engine; "
            "`spymaster build` stores them"
        )
        return cell
    rest_ns = settings["rest_ns"]
    if not path.is_file():
        raise SpymasterError(path, "is missing", "land the contract-day again")
    replayed = replay_second(
        path, row["dt"], partition["tick_int"], rest_ns, row["window_start_ts"]
    )
    frame = Frame(
        epoch_ns(row["window_start_ts"]) + NS_PER_S,
        partition["tick_int"],
        settings["wall_max_ticks"],
        rest_ns,
    )
    found = count(relation, column, row, replayed.second, frame)
    if found is None:
        cell.notes.append(f"records not shown: {column} is a key, or is not a count")
        return cell
    _describe(cell, found, row[column])
    if "depth_qty_end" in found.total:
        cell.notes.append(_depth_in_words(found.total, found.moved))
    cell.notes.append(_work(replayed))
    if column in _LAST_TRADE or column.startswith("spot_"):
        cell.notes.append(_last_trade_in_words(_last_trade(catalogue, row)))
    return cell


def _describe(cell: EngineCell, found: Count, value: object) -> None:
    cell.n_records = len(found.changes)
    cell.records = [_record(*change) for change in found.changes[:MOST_RECORDS]]
    cell.orders = [_order(order) for order in found.orders[:MOST_RECORDS]]
    cell.total, cell.recomputed = found.total, found.value
    cell.is_equal = same(found.value, value)
    for name, listed, there in (
        ("records", cell.records, found.changes),
        ("orders", cell.orders, found.orders),
    ):
        if len(listed) < len(there):
            cell.notes.append(
                f"{len(listed):,} of {len(there):,} {name} are listed, all are counted"
            )


def _depth_in_words(total: Row, moved: Row) -> str:
    words = (
        f"{total['depth_qty_start']:,} at the start + {total['add_qty']:,} added - "
        f"{total['pull_qty_total']:,} pulled - {total['fill_qty']:,} filled"
    )
    if total["reset_qty"]:
        words += f" {total['reset_qty']:+,} by a snapshot or clear"
    return (
        f"{words} = {total['depth_qty_end']:,} at the end; of these {moved['reprice_in_qty']:,} "
        f"came and {moved['reprice_out_qty']:,} went by a change of price"
    )


def _record(change: Effect | Record, qty: int) -> Row:
    record = change.record if isinstance(change, Effect) else change
    row: Row = {
        "rec_ordinal": record.rec_ordinal,
        "ts_event_ns": str(record.ts_event),
        "action": record.action,
        "side": record.side,
        # 64 bits, which JSON numbers do not hold
        "order_id": str(record.order_id),
        "price_int": record.price_int,
        "size": record.size,
        "change": f"{qty:+d}",
    }
    if isinstance(change, Effect):
        row["did"] = ", ".join(f"{name} {amount:+d}" for name, amount in change.flows.items())
        if change.order_id != record.order_id:
            row["order_id"] = str(change.order_id)
    return row


def _order(order: Order) -> Row:
    return {
        "order_id": str(order.order_id),
        "side": order.side,
        "price_int": order.price_int,
        "qty": order.qty,
        "ts_enter_ns": str(order.ts_enter),
    }


def _work(replayed: Replayed) -> str:
    return (
        f"the book was replayed from {replayed.records_before:,} records before the second and "
        f"{len(replayed.second.records):,} in it, in {replayed.took_s:.1f} s"
    )


def _describe_last_trade(cell: EngineCell, catalogue: Catalogue, column: str, row: Row) -> None:
    """Describe the price of the last trade by its record, which needs no orders."""
    trade = _last_trade(catalogue, row)
    cell.notes.append(_last_trade_in_words(trade))
    if trade is not None:
        cell.records, cell.n_records = [trade], 1
        cell.recomputed = trade["price_int"]
        if column == "last_trade_price":
            cell.recomputed /= PRICE_SCALE
    cell.is_equal = same(cell.recomputed, row[column])


def _last_trade(catalogue: Catalogue, row: Row) -> Row | None:
    """Return the record of the last trade up to the end of the second of a row."""
    end = row["window_start_ts"] + dt.timedelta(seconds=1)
    trade = catalogue.last_trade(row["symbol"], row["dt"], end)
    if trade is None:
        return None
    return catalogue.record(row["symbol"], row["dt"], trade["rec_ordinal"])


def _last_trade_in_words(trade: Row | None) -> str:
    if trade is None:
        return "no trade with a price is known up to this second"
    return (
        f"the last trade is record {trade['rec_ordinal']:,} of steps.book_records: "
        f"{trade['size']} at {trade['price_int']}"
    )


def _flags_in_words(column: str, row: Row) -> list[str]:
    flags = row.get("invalid_flags")
    if column != "invalid_flags" or not flags:
        return []
    return [f"bit {bit}: {words}" for bit, words in _FLAGS.items() if flags & bit]
