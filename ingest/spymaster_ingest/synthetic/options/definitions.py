"""Definitions of the options and of the user-defined spread, as the vendor's records."""

from __future__ import annotations

import datetime as dt
from typing import Any

import databento_dbn as dbn
from spymaster_ingest.synthetic.event_records import CHANNEL_ID, PUBLISHER_ID
from spymaster_ingest.synthetic.options.chain import CALL, Chain, OptionContract
from spymaster_ingest.synthetic.products_and_contracts import ProductSpec
from spymaster_ingest.synthetic.schedule import midnight_ns
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE

# The vendor publishes the day's list at midnight; the venue sends it some hours before.
_LIST_AGE_NS = 13 * 3600 * NS_PER_S
_LISTED_BEFORE_EXPIRY = dt.timedelta(days=28)
_CLASSES = {True: dbn.InstrumentClass.CALL, False: dbn.InstrumentClass.PUT}


def option_definitions(
    product: ProductSpec, chain: Chain, day: dt.date
) -> list[dbn.InstrumentDefMsg]:
    """Return one definition per option, and one per leg of the spread, stamped at 00:00 UTC.

    As in the vendor's data, the increment of an option is undefined (it depends on the premium)
    and its multiplier lies in ``unit_of_measure_qty``.
    """
    ts_recv = midnight_ns(day)
    options = [_option(product, chain, option, ts_recv) for option in chain.options]
    return options + [_leg(product, chain, number, ts_recv) for number in range(2)]


def _common(product: ProductSpec, chain: Chain, ts_recv: int) -> dict[str, Any]:
    return {
        "publisher_id": PUBLISHER_ID,
        "ts_event": ts_recv - _LIST_AGE_NS,
        "ts_recv": ts_recv,
        "exchange": product.exchange,
        "security_type": "OOF",
        "security_update_action": dbn.SecurityUpdateAction.ADD,
        "underlying": chain.future.symbol,
        "underlying_id": chain.future.instrument_id,
        "currency": "USD",
        "channel_id": CHANNEL_ID,
        "market_depth": 10,
        "min_trade_vol": 1,
        "match_algorithm": dbn.MatchAlgorithm.FIFO,
        "display_factor": PRICE_SCALE // 100,
    }


def _life(expiration: dt.datetime) -> dict[str, Any]:
    activation = expiration - _LISTED_BEFORE_EXPIRY
    return {
        "expiration": int(expiration.timestamp()) * NS_PER_S,
        "activation": int(activation.timestamp()) * NS_PER_S,
        "maturity_year": expiration.year,
        "maturity_month": expiration.month,
    }


def _option(
    product: ProductSpec, chain: Chain, option: OptionContract, ts_recv: int
) -> dbn.InstrumentDefMsg:
    is_call = option.right == CALL
    return dbn.InstrumentDefMsg(
        instrument_id=option.instrument_id,
        raw_instrument_id=option.instrument_id,
        raw_symbol=option.symbol,
        asset=option.asset,
        group=chain.product.group,
        instrument_class=_CLASSES[is_call],
        # ISO 10962: a call or put, European, on a future, settled physically, standardised
        cfi="OCEFPS" if is_call else "OPEFPS",
        strike_price=option.strike_int,
        strike_price_currency="USD",
        unit_of_measure=product.unit_of_measure,
        unit_of_measure_qty=round(product.point_value * PRICE_SCALE),
        min_price_increment=dbn.UNDEF_PRICE,
        user_defined_instrument=dbn.UserDefinedInstrument.NO,
        **_life(option.expiration),
        **_common(product, chain, ts_recv),
    )


def _leg(product: ProductSpec, chain: Chain, number: int, ts_recv: int) -> dbn.InstrumentDefMsg:
    """Return the spread's definition record of a leg."""
    spread = chain.spread
    leg = spread.legs[number]
    return dbn.InstrumentDefMsg(
        instrument_id=spread.instrument_id,
        raw_instrument_id=spread.instrument_id,
        raw_symbol=spread.symbol,
        asset=product.root,
        group=chain.product.group,
        instrument_class=dbn.InstrumentClass.OPTION_SPREAD,
        secsubtype="VT",
        cfi="OMXXXS",
        unit_of_measure="CTRCT",
        min_price_increment=chain.product.tick_int,
        user_defined_instrument=dbn.UserDefinedInstrument.YES,
        leg_count=len(spread.legs),
        leg_index=number,
        leg_instrument_id=leg.instrument_id,
        leg_raw_symbol=leg.symbol,
        leg_instrument_class=_CLASSES[leg.right == CALL],
        leg_side=(dbn.Side.BID, dbn.Side.ASK)[number],
        leg_ratio_qty_numerator=1,
        leg_ratio_qty_denominator=1,
        leg_ratio_price_numerator=1,
        leg_ratio_price_denominator=1,
        leg_underlying_id=chain.future.instrument_id,
        **_life(leg.expiration),
        **_common(product, chain, ts_recv),
    )
