-- Partitions of a contract
select dt
from bronze.ingest_manifest
where
    dataset_key = 'bronze.future_mbo.mbo'
    and symbol = $symbol
order by dt;
