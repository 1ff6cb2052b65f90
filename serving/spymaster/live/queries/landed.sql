-- The landed records of a contract-day: one row per dataset
select
    dataset_key,
    landed_path,
    inputs[1].schema as schema
from bronze.ingest_manifest
where
    symbol = $symbol
    and dt = $dt
order by dataset_key;
