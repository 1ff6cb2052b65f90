"""Synthetic market: days of order-book records in the vendor's own format.

Demonstration data and input of tests and benchmarks. Start with :class:`SyntheticMarket`,
:func:`generate_day` and :func:`write_day`.
"""

from spymaster_ingest.synthetic.daily_files import (
    DEFAULT_SCHEMAS,
    SCHEMAS,
    DayResult,
    day_chunks,
    expected_records,
    generate_day,
    raw_path,
    write_day,
    write_days,
)
from spymaster_ingest.synthetic.flow_and_signature_settings import FlowSettings, SignatureSettings
from spymaster_ingest.synthetic.products_and_contracts import (
    Contract,
    ProductSpec,
    contracts_of,
    load_product,
)
from spymaster_ingest.synthetic.schedule import (
    DEFAULT_START_DATE,
    SessionPlan,
    trading_days,
)
from spymaster_ingest.synthetic.standard_market import (
    STANDARD_SCHEMAS,
    mechanism_date,
    standard_dates,
    standard_market,
    standard_market_of,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket

__all__ = [
    "DEFAULT_SCHEMAS",
    "DEFAULT_START_DATE",
    "SCHEMAS",
    "STANDARD_SCHEMAS",
    "Contract",
    "DayResult",
    "FlowSettings",
    "ProductSpec",
    "SessionPlan",
    "SignatureSettings",
    "SyntheticMarket",
    "contracts_of",
    "day_chunks",
    "expected_records",
    "generate_day",
    "load_product",
    "mechanism_date",
    "raw_path",
    "standard_dates",
    "standard_market",
    "standard_market_of",
    "trading_days",
    "write_day",
    "write_days",
]
