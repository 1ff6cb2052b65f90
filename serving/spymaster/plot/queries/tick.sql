-- Minimum price increment of the partitions of a contract
select distinct tick_int
from bronze.ingest_manifest
where
    dataset_key in ('bronze.future_mbo.mbo', 'bronze.future.market_by_price_10')
    and symbol = $symbol
    and dt in $days;
