-- Minimum price increment of the partitions of a contract
select distinct tick_int
from bronze.ingest_manifest
where
    dataset_key = 'bronze.future_mbo.mbo'
    and symbol = $symbol
    and dt in $days;
