"""Synthetic market: days of order-book records in the vendor's own format.

Demonstration data and input of tests and benchmarks. Start with :class:`SyntheticMarket`,
:func:`generate_day` and :func:`write_day`.
"""

from spymaster.synthetic.flow_tables import FlowSettings
from spymaster.synthetic.market import (
    SCHEMAS,
    SyntheticMarket,
    day_chunks,
    expected_records,
    generate_day,
    raw_path,
    write_day,
)
from spymaster.synthetic.products import Contract, ProductSpec, contracts_of, load_product
from spymaster.synthetic.schedule import DEFAULT_START_DATE, SessionPlan, trading_days

__all__ = [
    "DEFAULT_START_DATE",
    "SCHEMAS",
    "Contract",
    "FlowSettings",
    "ProductSpec",
    "SessionPlan",
    "SyntheticMarket",
    "contracts_of",
    "day_chunks",
    "expected_records",
    "generate_day",
    "load_product",
    "raw_path",
    "trading_days",
    "write_day",
]
