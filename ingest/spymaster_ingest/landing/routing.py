"""Decide which partition each record belongs to, and count records that belong to none."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from spymaster_ingest.dbn.layouts import UNDEFINED_PRICE, UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.landing.columns import ContractTerms
from spymaster_ingest.landing.definitions import DefinitionCatalog, LandedDefinition
from spymaster_ingest.landing.table_schemas import (
    FUTURE_CLASS,
    OPTION_CLASSES,
    STOCK_CLASS,
    SchemaLanding,
    TableSchema,
)
from spymaster_ingest.product import NO_DEFINITIONS
from spymaster_ingest.products import Products, outright_root, root_of
from spymaster_ingest.units import NS_PER_DAY

UNKNOWN_ROOT = "unknown_root"
NO_DEFINITION = "no_definition"
NOT_NAMED = "not_named"
NO_UNDERLYING = "no_underlying"

_EPOCH = dt.date(1970, 1, 1)
_ROOT_FIELDS = ["instrument_class", "asset", "underlying", "raw_symbol"]
_NAMED_INSTRUMENTS = 5


@dataclass(frozen=True)
class Route:
    """Records of one partition.

    Attributes:
        table: schema of their landed table.
        symbol: contract, underlying contract for options, or product root for definitions.
        day: UTC date.
        root: product root.
        tick_int: minimum price increment of the contract in 1e-9 points; None for definitions
            and options.
        records: n records in file order.
        terms: contract terms of the records, if the table has columns for them.
    """

    table: TableSchema
    symbol: str
    day: dt.date
    root: str
    tick_int: int | None
    records: Records
    terms: ContractTerms | None = None


@dataclass(frozen=True)
class _Decision:
    """Where an instrument's records go: to a partition of ``table``, or dropped for ``reason``.

    Attributes:
        number: position among the decisions of a file.
        destination: position of the partition among the file's partitions; negative if dropped.
    """

    number: int
    destination: int
    table: TableSchema | None = None
    symbol: str = ""
    root: str = ""
    tick_int: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class _InForce:
    """Decisions about an instrument on one day: the i-th holds until ``starts_ns[i]``."""

    decisions: tuple[_Decision, ...]
    starts_ns: tuple[int, ...] = ()


@dataclass
class _TermLists:
    """Contract terms per decision of a file, by column name."""

    option_symbol: list[bytes] = field(default_factory=list)
    right: list[bytes] = field(default_factory=list)
    strike_price_int: list[int] = field(default_factory=list)
    expiration: list[int] = field(default_factory=list)

    def add(self, instrument: LandedDefinition | None) -> None:
        """Add the terms of the next decision; None without a defined contract."""
        strike = instrument.strike_price_int if instrument else None
        expiration = instrument.expiration_ns if instrument else None
        self.option_symbol.append(instrument.symbol.encode() if instrument else b"")
        self.right.append(instrument.instrument_class.encode() if instrument else b"-")
        self.strike_price_int.append(UNDEFINED_PRICE if strike is None else strike)
        self.expiration.append(UNDEFINED_TIMESTAMP if expiration is None else expiration)


class Router:
    """Routes the chunks of one file and counts dropped records per reason.

    Args:
        file: the file the records come from.
        landing: landing rules of its schema.
        products: the known products by root.
        catalog: landed definitions.
        allow_missing: accept the header's symbology where no definition is landed.

    Attributes:
        dropped: records that belong to no partition, per reason.
        definition_roots: per UTC date the product roots whose definitions, or missing definitions,
            decided about the records so far.
    """

    def __init__(
        self,
        file: DbnFile,
        landing: SchemaLanding,
        products: Products,
        catalog: DefinitionCatalog,
        *,
        allow_missing: bool,
    ) -> None:
        self._file = file
        self._landing = landing
        self._products = products
        self._catalog = catalog
        self._allow_missing = allow_missing
        self._in_force: dict[tuple[dt.date, int], _InForce] = {}
        self._decisions: list[_Decision] = []
        self._terms = _TermLists()
        self._destinations: dict[tuple[dt.date, str, str], int] = {}
        self._owners: dict[tuple[dt.date, str], int] = {}
        self._undefined: dict[tuple[dt.date, int], str] = {}
        self._foreign: str | None = None
        self.dropped: Counter[str] = Counter()
        self.definition_roots: defaultdict[dt.date, set[str]] = defaultdict(set)

    def route(self, records: Records) -> Iterator[Route]:
        """Yield the kept parts of one chunk."""
        by_root = self._landing.by_root
        for day, part in _split_days(records):
            yield from self._by_root(day, part) if by_root else self._by_contract(day, part)

    @property
    def lacks_definitions(self) -> bool:
        """True when an instrument lacks a definition that it needs.

        Outrights need none if the header's symbology is accepted. Dropped instruments need none
        unless the file's options are landed: every option of a chain counts.
        """
        if not self._allow_missing:
            return bool(self._undefined)
        lands_options = any(made.table and made.table.of_options for made in self._decisions)
        return lands_options and bool(self._undefined)

    def check_definitions(self) -> None:
        """Raise SpymasterError with the number of instruments that lack a definition, if any."""
        if not self.lacks_definitions:
            return
        day = min(day for day, _ in self._undefined)
        lacking = sorted(
            (number, symbol) for (when, number), symbol in self._undefined.items() if when == day
        )
        names = [f"{number} ({symbol or 'unnamed'})" for number, symbol in lacking]
        more = ", ..." if len(names) > _NAMED_INSTRUMENTS else ""
        what = (
            f"instrument {names[0]}"
            if len(names) == 1
            else f"{len(names)} instruments, {', '.join(names[:_NAMED_INSTRUMENTS])}{more},"
        )
        remedy = (
            f"land the definition file of {day}: ids are the vendor's for one UTC day, so those of "
            "another day do not count"
        )
        if not self._allow_missing:
            remedy += (
                "; or pass --allow-missing-definitions to keep only the outright futures, named by "
                "the file's header"
            )
        raise SpymasterError(
            self._file.path, f"no definition of {what} is landed for {day}", remedy
        )

    def foreign_record(self) -> str | None:
        """Return what contradicts the header in the first record that it rules out, if any.

        Such a record is dropped for no reason that its file explains: its id or its product is
        damaged.
        """
        return self._foreign

    def _by_contract(self, day: dt.date, records: Records) -> Iterator[Route]:
        numbers = records["instrument_id"]
        if (numbers == numbers[0]).all():
            in_force = self._decide(day, int(numbers[0]))
            if not in_force.starts_ns:
                yield from self._send(day, in_force.decisions[0], records, None)
                return
        decided = self._decide_each(day, records)
        destinations = np.array([made.destination for made in self._decisions])[decided]
        for destination in np.unique(destinations).tolist():
            wanted = destinations == destination
            codes = decided[wanted]
            if destination >= 0:
                part = records.select(wanted)
                yield from self._send(day, self._decisions[codes[0]], part, codes)
                continue
            for code, count in enumerate(np.bincount(codes).tolist()):
                if count:
                    self.dropped[self._decisions[code].reason] += count

    def _send(
        self, day: dt.date, decision: _Decision, records: Records, codes: np.ndarray | None
    ) -> Iterator[Route]:
        """Yield the route of records of one destination, or count them as dropped.

        ``codes`` are the numbers of the records' decisions; None when it is ``decision`` for all.
        """
        if decision.table is None:
            self.dropped[decision.reason] += len(records)
            return
        terms = None
        if decision.table.of_options:
            if codes is None:
                codes = np.full(len(records), decision.number)
            terms = ContractTerms(codes, vars(self._terms))
        yield Route(
            decision.table, decision.symbol, day, decision.root, decision.tick_int, records, terms
        )

    def _decide_each(self, day: dt.date, records: Records) -> np.ndarray:
        """Return the number of the decision about each record, int64, shape (n,)."""
        distinct, positions = np.unique(records["instrument_id"], return_inverse=True)
        in_force = [self._decide(day, number) for number in distinct.tolist()]
        decided = np.array([in_day.decisions[0].number for in_day in in_force])[positions]
        for position, in_day in enumerate(in_force):
            if in_day.starts_ns:
                rows = np.flatnonzero(positions == position)
                starts = np.array(in_day.starts_ns, dtype=np.uint64)
                held = np.searchsorted(starts, records.times[rows], side="right")
                decided[rows] = np.array([it.number for it in in_day.decisions])[held]
        return decided

    def _by_root(self, day: dt.date, records: Records) -> Iterator[Route]:
        known: dict[tuple[bytes, ...], str] = {}
        keys = list(records.rows(_ROOT_FIELDS))
        for key in set(keys):
            known[key] = self._root(*key)
        roots = np.array([known[key] for key in keys])
        for root in np.unique(roots).tolist():
            part = records.select(roots == root)
            if root:
                yield Route(self._landing.tables[0], root, day, root, None, part)
            else:
                self.dropped[UNKNOWN_ROOT] += len(part)
                self._check_named(day, part)

    def _check_named(self, day: dt.date, records: Records) -> None:
        """Note the first definition of an unknown product whose contract the header knows."""
        for number, asset in set(records.rows(["instrument_id", "asset"])):
            symbol = self._symbol(day, number)
            if root_of(symbol, self._products) in self._products:
                self._foreign = self._foreign or (
                    f"its header names instrument {number} {symbol}, its definition a product "
                    f"{asset.decode()} that seed instruments does not list"
                )

    def _root(self, instrument_class: bytes, asset: bytes, underlying: bytes, symbol: bytes) -> str:
        """Return the known product root of a definition, or an empty text."""
        root = None
        if instrument_class.decode() == STOCK_CLASS:
            root = root_of(symbol.decode(), self._products)
        if instrument_class in (b"C", b"P", b"T"):
            root = outright_root(underlying.decode())
        root = root or asset.decode()
        return root if root in self._products else ""

    def _decide(self, day: dt.date, number: int) -> _InForce:
        key = (day, number)
        if key not in self._in_force:
            defined = self._catalog.instruments(day).get(number, ())
            if defined:
                self._in_force[key] = _InForce(
                    tuple(self._decide_by_definition(day, number, known) for known in defined),
                    tuple(known.valid_from_ns for known in defined[1:]),
                )
            else:
                self._in_force[key] = _InForce((self._decide_by_symbology(day, number),))
        return self._in_force[key]

    def _decide_by_definition(
        self, day: dt.date, number: int, instrument: LandedDefinition
    ) -> _Decision:
        self.definition_roots[day].add(instrument.root)
        if instrument.root not in self._products:
            return self._drop(UNKNOWN_ROOT)
        table = self._table(instrument.instrument_class)
        if table is None:
            return self._drop(f"class_{instrument.instrument_class}")
        self._own(day, number, instrument.symbol)
        if instrument.instrument_class not in OPTION_CLASSES:
            tick = instrument.tick or self._products[instrument.root].tick_int
            return self._keep(table, day, instrument.symbol, instrument.root, tick)
        if instrument.underlying is None:
            return self._drop(NO_UNDERLYING)
        return self._keep(table, day, instrument.underlying, instrument.root, None, instrument)

    def _decide_by_symbology(self, day: dt.date, number: int) -> _Decision:
        symbol = self._symbol(day, number)
        product = self._products.get(root_of(symbol, self._products) or "")
        roots = {root_of(part, self._products) for part in symbol.split("-")}
        self.definition_roots[day] |= {root for root in roots if root is not None}
        if None not in roots and roots.isdisjoint(self._products):
            return self._drop(UNKNOWN_ROOT)
        table = self._table(FUTURE_CLASS)
        needs_none = product is not None and product.definitions == NO_DEFINITIONS
        if product is None or table is None or not (self._allow_missing or needs_none):
            self._undefined[day, number] = symbol
            if symbol or not self._file.header.mappings:
                return self._drop(NO_DEFINITION)
            self._foreign = self._foreign or (
                f"its header names no instrument {number}, and no definition of {day} does"
            )
            return self._drop(NOT_NAMED)
        self._own(day, number, symbol)
        return self._keep(table, day, symbol, product.root, product.tick_int)

    def _table(self, instrument_class: str) -> TableSchema | None:
        """Return the table that keeps records of a class, None when they are dropped."""
        for table in self._landing.tables:
            if table.instrument_classes and instrument_class in table.instrument_classes:
                return table
        return None

    def _own(self, day: dt.date, number: int, symbol: str) -> None:
        """Raise when another instrument has the same symbol on the same day."""
        owner = self._owners.setdefault((day, symbol), number)
        if owner != number:
            raise SpymasterError(
                self._file.path, f"instruments {owner} and {number} are both {symbol} on {day}"
            )

    def _keep(
        self,
        table: TableSchema,
        day: dt.date,
        symbol: str,
        root: str,
        tick_int: int | None,
        option: LandedDefinition | None = None,
    ) -> _Decision:
        key = (day, table.dataset, symbol)
        destination = self._destinations.setdefault(key, len(self._destinations))
        number = len(self._decisions)
        return self._add(_Decision(number, destination, table, symbol, root, tick_int), option)

    def _drop(self, reason: str) -> _Decision:
        return self._add(_Decision(len(self._decisions), -1, reason=reason), None)

    def _add(self, decision: _Decision, option: LandedDefinition | None) -> _Decision:
        self._decisions.append(decision)
        self._terms.add(option)
        return decision

    def _symbol(self, day: dt.date, number: int) -> str:
        """Return the header's symbol of an instrument on ``day``, empty when it has none."""
        for interval in self._file.header.mappings:
            if interval.instrument_id == number and interval.start <= day < interval.end:
                return interval.symbol
        return ""


def day_of(nanoseconds: int) -> dt.date:
    """Return the UTC date of a time in ns since the epoch."""
    return _EPOCH + dt.timedelta(days=int(nanoseconds) // NS_PER_DAY)


def _split_days(records: Records) -> Iterator[tuple[dt.date, Records]]:
    """Yield (UTC date of the time that orders the records, its records in file order)."""
    times = records.times
    first, last = day_of(times.min()), day_of(times.max())
    if first == last:
        yield first, records
        return
    days = times // np.uint64(NS_PER_DAY)
    for day in np.unique(days).tolist():
        yield _EPOCH + dt.timedelta(days=day), records.select(days == day)
