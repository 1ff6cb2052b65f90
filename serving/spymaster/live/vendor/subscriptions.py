"""What a run subscribes to, and how far back the venue gives it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spymaster_ingest.dbn.layouts import DEFINITION, LAYOUTS, MBO
from spymaster_ingest.errors import SpymasterError

from spymaster.live.feeds import FUTURE, FUTURE_OPTION

RAW_SYMBOL = "raw_symbol"
_DAY_S = 24 * 60 * 60
# seconds that the vendor replays, by schema; of any other schema a day
REACH_S: Mapping[str, int] = {MBO.schema: 7 * _DAY_S, DEFINITION.schema: 7 * _DAY_S}
DEFAULT_REACH_S = _DAY_S
_FORM = "SCHEMA:PRODUCT_TYPE:PRODUCT[:STYPE=SYMBOL,...]"
_EXAMPLE = "such as mbo:future:ESZ5 or mbo:future_option:ESZ5:parent=ES.OPT"


@dataclass(frozen=True)
class Subscription:
    """Records that a run asks the vendor for; they are one source of its feed.

    Attributes:
        schema: the vendor's name.
        product_type: ``future`` or ``future_option``.
        product: root of the product, or a contract.
        symbols: as the vendor knows them by ``stype_in``.
        stype_in: the vendor's name of the kind of symbols.
        start_ns: of the records, ns UTC; None for those from now on.
        snapshot: whether the orders that rest come first; of schema mbo, without a start.
    """

    schema: str
    product_type: str
    product: str
    symbols: tuple[str, ...]
    stype_in: str = RAW_SYMBOL
    start_ns: int | None = None
    snapshot: bool = False

    @property
    def name(self) -> str:
        """Return how a message names it."""
        return f"{self.product}.{self.product_type}.{self.schema}"


def subscription_of(
    text: str, *, start_ns: int | None = None, snapshot: bool = False
) -> Subscription:
    """Return the subscription that a text names, ``SCHEMA:PRODUCT_TYPE:PRODUCT[:STYPE=SYMBOLS]``.

    Without symbols the product is the raw symbol.

    Args:
        text: as in ``mbo:future_option:ESZ5:parent=ES.OPT``.
        start_ns: of the records, ns UTC; None for those from now on.
        snapshot: whether resting orders come first, where the schema has orders.

    Raises:
        SpymasterError: The text has another form.
    """
    parts = text.split(":")
    if len(parts) not in (3, 4) or not all(parts):
        raise SpymasterError(repr(text), f"is no subscription {_FORM}", _EXAMPLE)
    schema, product_type, product = parts[:3]
    stype_in, symbols = RAW_SYMBOL, [product]
    if len(parts) == 4:
        stype_in, has_symbols, listed = parts[3].partition("=")
        symbols = [symbol for symbol in listed.split(",") if symbol]
        if not has_symbols or not symbols:
            raise SpymasterError(repr(text), f"is no subscription {_FORM}", _EXAMPLE)
    return Subscription(
        schema,
        product_type,
        product,
        tuple(symbols),
        stype_in,
        start_ns,
        snapshot and schema == MBO.schema,
    )


def check_subscriptions(subscriptions: Sequence[Subscription]) -> None:
    """Raise unless every record of the subscriptions belongs to exactly one of them.

    Raises:
        SpymasterError: None is given, a schema is not read, or two share records.
    """
    if not subscriptions:
        raise SpymasterError("databento", "nothing is subscribed to", f"name {_FORM}, {_EXAMPLE}")
    schema_of_type: dict[int, str] = {}
    for subscription in subscriptions:
        name, schema = subscription.name, subscription.schema
        if schema not in LAYOUTS:
            raise SpymasterError(name, f"no schema {schema}; read are {', '.join(sorted(LAYOUTS))}")
        if subscription.product_type not in (FUTURE, FUTURE_OPTION):
            raise SpymasterError(name, f"a product type is {FUTURE} or {FUTURE_OPTION}")
        if subscription.snapshot and (schema != MBO.schema or subscription.start_ns is not None):
            raise SpymasterError(name, "a snapshot is of schema mbo, and has no start")
        other = schema_of_type.setdefault(LAYOUTS[schema].rtype, schema)
        if other != schema:
            raise SpymasterError(
                name, f"its records look like those of schema {other}", "subscribe to one of them"
            )
    doubled = [
        *_doubled([x.name for x in subscriptions]),
        *_doubled([f"{x.schema} of {symbol}" for x in subscriptions for symbol in x.symbols]),
    ]
    if doubled:
        raise SpymasterError("databento", f"{doubled[0]} is subscribed to twice")


def _doubled(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
