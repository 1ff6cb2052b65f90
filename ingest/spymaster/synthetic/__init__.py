"""Synthetic market: days of order-book records in the vendor's own format.

Demonstration data and input of tests and benchmarks. Start with :class:`SyntheticMarket`,
:func:`generate_day` and :func:`write_day`.
"""

from pathlib import Path

import spymaster_engine.book  # noqa: F401  (directs its own kernels to its own cache first)
from spymaster_engine.kernel_cache import use_cache_of

use_cache_of(Path(__file__).parent)

from spymaster.synthetic.market import (  # noqa: E402
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
from spymaster.synthetic.plan import SyntheticMarket  # noqa: E402
from spymaster.synthetic.products import (  # noqa: E402
    Contract,
    ProductSpec,
    contracts_of,
    load_product,
)
from spymaster.synthetic.schedule import (  # noqa: E402
    DEFAULT_START_DATE,
    SessionPlan,
    trading_days,
)
from spymaster.synthetic.settings import FlowSettings, SignatureSettings  # noqa: E402
from spymaster.synthetic.standard import (  # noqa: E402
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
