with

manifest as (
    select * from {{ ref('ingest_manifest') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

-- the trades of a day are in both schemas; those of the trades schema are quicker to read
candidates as (
    select
        *,
        row_number() over (
            partition by symbol, dt
            order by dataset_key = 'bronze.future.trades' desc
        ) as preference
    from manifest
    where dataset_key in ('bronze.future.trades', 'bronze.future_mbo.mbo')
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
