"""Synthetic market: days of order-book records in the vendor's own format.

Demonstration data and input of tests and benchmarks. Start with :class:`SyntheticMarket`,
:func:`generate_day` and :func:`write_day`.
"""

from spymaster_ingest.synthetic.market import (
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
from spymaster_ingest.synthetic.plan import SyntheticMarket
from spymaster_ingest.synthetic.products import (
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
from spymaster_ingest.synthetic.settings import FlowSettings, SignatureSettings
from spymaster_ingest.synthetic.standard import (
    STANDARD_SCHEMAS,
    standard_dates,
    standard_market,
)

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
    "raw_path",
    "standard_dates",
    "standard_market",
    "trading_days",
    "write_day",
    "write_days",
]
