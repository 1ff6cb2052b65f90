"""Instrument definitions of the synthetic contracts, as the vendor's definition records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import databento_dbn as dbn
import numpy as np
from spymaster_ingest.synthetic.event_records import CHANNEL_ID, PUBLISHER_ID
from spymaster_ingest.synthetic.products_and_contracts import Contract, ProductSpec
from spymaster_ingest.synthetic.schedule import midnight_ns
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE

# The vendor publishes the day's list at midnight; the venue sends it some hours before.
_LIST_AGE_NS = 13 * 3600 * NS_PER_S
_LISTED_BEFORE_EXPIRY = dt.timedelta(days=456)


def definition_messages(
    product: ProductSpec, contracts: Sequence[Contract], day: dt.date
) -> list[dbn.InstrumentDefMsg]:
    """Return one definition per contract, stamped at 00:00 UTC of the day."""
    return [_definition(product, contract, midnight_ns(day)) for contract in contracts]


def definition_records(messages: Sequence[dbn.InstrumentDefMsg]) -> np.ndarray:
    """Return definitions as the vendor's structured array (DBN version 3)."""
    encoded = b"".join(bytes(message) for message in messages)
    return np.frombuffer(encoded, dtype=np.dtype(dbn.InstrumentDefMsg._dtypes))


def _definition(product: ProductSpec, contract: Contract, ts_recv: int) -> dbn.InstrumentDefMsg:
    is_spread = bool(contract.legs)
    expiration = int(contract.expiration.timestamp()) * NS_PER_S
    activation = contract.expiration - _LISTED_BEFORE_EXPIRY
    terms: dict[str, Any] = {
        "instrument_class": dbn.InstrumentClass.FUTURE_SPREAD,
        "secsubtype": "EQ",
        "cfi": "FMIXSX",
        "unit_of_measure": "CTRCT",
    }
    if not is_spread:
        terms = {
            "instrument_class": dbn.InstrumentClass.FUTURE,
            "secsubtype": "",
            "cfi": "FFIXSX",
            "unit_of_measure": product.unit_of_measure,
            "unit_of_measure_qty": round(product.point_value * PRICE_SCALE),
            "min_price_increment_amount": round(product.point_value * contract.tick_int),
        }
    return dbn.InstrumentDefMsg(
        publisher_id=PUBLISHER_ID,
        instrument_id=contract.instrument_id,
        raw_instrument_id=contract.instrument_id,
        ts_event=ts_recv - _LIST_AGE_NS,
        ts_recv=ts_recv,
        min_price_increment=contract.tick_int,
        display_factor=PRICE_SCALE // 100,
        raw_symbol=contract.symbol,
        asset=product.root,
        group=product.root,
        exchange=product.exchange,
        security_type="FUT",
        security_update_action=dbn.SecurityUpdateAction.ADD,
        expiration=expiration,
        activation=int(activation.timestamp()) * NS_PER_S,
        maturity_year=contract.maturity.year,
        maturity_month=contract.maturity.month,
        currency="USD",
        channel_id=CHANNEL_ID,
        market_depth=10,
        min_trade_vol=1,
        match_algorithm=dbn.MatchAlgorithm.FIFO,
        user_defined_instrument=dbn.UserDefinedInstrument.NO,
        **terms,
    )
