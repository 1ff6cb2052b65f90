"""Landing: DBN files become typed Parquet partitions with a manifest, or a clear error line."""

from spymaster.landing.land import land
from spymaster.landing.report import LandReport, PartitionResult
from spymaster.landing.verify import verify

__all__ = ["LandReport", "PartitionResult", "land", "verify"]
