-- The product whose answers compare the book around a level, if a contract-day of it has no orders
select families.root
from gold.retrieval_families as families
anti join bronze.ingest_manifest as manifest
    on
        manifest.symbol = $symbol
        and manifest.dt = $dt
        and manifest.dataset_key = 'bronze.future_mbo.mbo'
where
    families.dt = $dt
    and families.retrieval_family = 'level'
    and starts_with($symbol, families.root)
order by length(families.root) desc
limit 1;
