"""Which subscription a record of a session belongs to, and the sources made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import databento_dbn
import numpy as np
from spymaster_ingest.dbn.layouts import DBN_VERSIONS, LAYOUTS
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_DAY

from spymaster.live.feeds import Source, times_of
from spymaster.live.recorded import encoded_header
from spymaster.live.vendor.subscriptions import Subscription

# the client turns records of earlier versions into this one
_VERSION = DBN_VERSIONS[-1]
# position of the type in a record
_RTYPE_BYTE = 1
_EPOCH = dt.date(1970, 1, 1)


class Router:
    """Turns encoded records into arrays by subscription.

    Instruments are known by the symbol mappings that the gateway sends before their records. They
    stay known from session to session.
    """

    def __init__(self, dataset: str, subscriptions: Sequence[Subscription]) -> None:
        """Know no instrument yet.

        Args:
            dataset: the vendor's code.
            subscriptions: of the run, which share no record.
        """
        self._dataset = dataset
        self._subscriptions = subscriptions
        self._sources: dict[int, Source] = {}
        self._raw_symbols: dict[int, str] = {}
        # the symbols, as subscribed to, that name an instrument
        self._named: dict[int, set[str]] = {}
        self._of_schema: dict[str, list[int]] = {}
        for number, subscription in enumerate(subscriptions):
            self._of_schema.setdefault(subscription.schema, []).append(number)
        self._schemas = {LAYOUTS[schema].rtype: schema for schema in self._of_schema}
        self._known: dict[tuple[str, int], int] = {}

    def name(self, mapping: databento_dbn.SymbolMappingMsg) -> None:
        """Note which symbol an instrument has."""
        number = int(mapping.instrument_id)
        self._raw_symbols[number] = mapping.stype_out_symbol
        self._named.setdefault(number, set()).add(mapping.stype_in_symbol)

    def routed(self, encoded: Sequence[bytes]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield runs of records that follow one another, with the number of their subscription.

        Args:
            encoded: records in the order in which they came.

        Raises:
            SpymasterError: A record that belongs to no subscription.
        """
        for rtype, same in groupby(encoded, itemgetter(_RTYPE_BYTE)):
            if rtype not in self._schemas:
                raise SpymasterError(
                    self._dataset, f"sends a record of type {rtype}, which nothing subscribes to"
                )
            schema = self._schemas[rtype]
            records = np.frombuffer(b"".join(same), LAYOUTS[schema].dtype(_VERSION))
            yield from self._by_subscription(schema, records)

    def source(self, number: int, records: np.ndarray) -> Source:
        """Return the source of a subscription; its header is made with its first records."""
        if number not in self._sources:
            self._sources[number] = self._begun(number, records)
        return self._sources[number]

    def idle(self) -> Source:
        """Return a source for a chunk without records."""
        known = next(iter(self._sources.values()), None)
        return self.expected()[0] if known is None else known

    def expected(self) -> list[Source]:
        """Return a source for each subscription, whose header names no instrument."""
        return [
            Source(
                one.schema,
                one.product_type,
                one.product,
                encoded_header(self._dataset, one.schema, {}, _EPOCH, (0, None)),
            )
            for one in self._subscriptions
        ]

    def _by_subscription(
        self, schema: str, records: np.ndarray
    ) -> Iterator[tuple[int, np.ndarray]]:
        of_schema = self._of_schema[schema]
        if len(of_schema) == 1:
            yield of_schema[0], records
            return
        ids, position = np.unique(records["instrument_id"], return_inverse=True)
        numbers = np.array([self._subscription(schema, number) for number in ids.tolist()])[
            position
        ]
        cuts = np.flatnonzero(np.diff(numbers)) + 1
        for part in np.split(np.arange(len(records)), cuts):
            yield int(numbers[part[0]]), records[part[0] : part[-1] + 1]

    def _subscription(self, schema: str, instrument_id: int) -> int:
        """Return the number of the subscription of an instrument's records."""
        key = (schema, instrument_id)
        if key not in self._known:
            named = self._named.get(instrument_id, set())
            found = [
                number
                for number in self._of_schema[schema]
                if named & set(self._subscriptions[number].symbols)
            ]
            if len(found) != 1:
                raise SpymasterError(
                    self._dataset,
                    f"sends {schema} records of instrument {instrument_id}, which "
                    f"{len(found) or 'none'} of the subscriptions name",
                    "subscribe to the schema once, or to symbols that share no instrument",
                )
            self._known[key] = found[0]
        return self._known[key]

    def _begun(self, number: int, records: np.ndarray) -> Source:
        subscription = self._subscriptions[number]
        first_ns = int(times_of(records[:1])[0])
        day = _EPOCH + dt.timedelta(days=first_ns // NS_PER_DAY)
        start_ns = min(
            first_ns, first_ns if subscription.start_ns is None else subscription.start_ns
        )
        wanted = set(subscription.symbols)
        symbols = {
            instrument_id: symbol
            for instrument_id, symbol in self._raw_symbols.items()
            if self._named[instrument_id] & wanted
        }
        # clocks of the gateway and of the capture differ: the header names whole days
        span_ns = (start_ns // NS_PER_DAY * NS_PER_DAY, None)
        header = encoded_header(self._dataset, subscription.schema, symbols, day, span_ns)
        return Source(subscription.schema, subscription.product_type, subscription.product, header)
