{% set datasets = {
    'mbo': 'bronze.future_mbo.mbo',
    'mbp10': 'bronze.future.market_by_price_10',
} %}

with manifest as (
    select * from {{ ref('ingest_manifest') }}
    where dataset_key in {{ sql_list(datasets.values() | list) }}
)

select
    symbol,
    dt,
    any_value(root) as root,
    any_value(tick_int) as tick_int,
    {% for source, dataset in datasets.items() %}
        coalesce(max(landed_path) filter (dataset_key = '{{ dataset }}'), '') as {{ source }}_path,
    {% endfor %}
    if(mbo_path = '', 'mbp10', 'mbo') as source_in_use,
    md5(string_agg(
        concat_ws('|', dataset_key, content_hash, tick_int), '|' order by dataset_key
    )) as input_fingerprint
from manifest
group by symbol, dt
