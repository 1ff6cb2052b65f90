-- Partitions of a contract
select distinct dt
from bronze.ingest_manifest
where
    dataset_key in ('bronze.future_mbo.mbo', 'bronze.future.market_by_price_10')
    and symbol = $symbol
order by dt;
