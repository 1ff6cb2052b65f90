"""Landing: DBN files become typed Parquet partitions with a manifest, or a clear error line."""

from spymaster_ingest.landing.land import land
from spymaster_ingest.landing.report import LandReport, PartitionResult

__all__ = ["LandReport", "PartitionResult", "land"]
