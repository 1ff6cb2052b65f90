"""Mechanisms: the flows around a level in the minutes before a decision are those of their class.

The flows are summed as the barrier engine sums them: the defending side's prices within eight
ticks of the level, over four minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from spymaster.commands.generate import command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import (
    SessionPlan,
    SignatureSettings,
    SyntheticMarket,
    generate_day,
    load_product,
    mechanism_date,
    standard_dates,
    standard_market,
    standard_market_of,
)
from spymaster_ingest.synthetic.contract_days import contract_day, day_pieces
from spymaster_ingest.synthetic.market_arrays import (
    BREAK,
    FIRST_MECHANISM,
    MECHANISMS,
    NONE,
    PHASE_SIGNATURES,
    SIGNATURES,
)
from spymaster_ingest.synthetic.outcome_chances import chances_of_class, chances_of_observation
from spymaster_ingest.synthetic.truth_files import truth_path, write_truth_of_day
from support.synthetic_book import DAY
