{# in the order of preference #}
{% set sources = "['bronze.future.trades', 'bronze.future_mbo.mbo', "
    ~ "'bronze.future.market_by_price_10']" %}

with

manifest as (
    select * from {{ ref('ingest_manifest') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

-- the trades of a day are in every schema; those of the trades schema are quickest to read
candidates as (
    select
        *,
        row_number() over (
            partition by symbol, dt
            order by list_position({{ sources }}, dataset_key)
        ) as preference
    from manifest
    where list_contains({{ sources }}, dataset_key)
)

select
    candidates.symbol,
    candidates.dt,
    candidates.root,
    candidates.dataset_key,
    candidates.landed_path,
    instruments.session_open_local,
    instruments.session_tz,
    md5(concat_ws(
        '|',
        candidates.dataset_key,
        candidates.content_hash,
        candidates.root,
        instruments.session_open_local,
        instruments.session_tz
    )) as input_fingerprint
from candidates
inner join instruments
    on candidates.root = instruments.root
where candidates.preference = 1
