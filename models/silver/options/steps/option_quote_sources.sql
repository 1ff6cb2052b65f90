with manifest as (
    select * from {{ ref('ingest_manifest') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

definitions as (
    select
        root,
        dt,
        string_agg(content_hash, '|' order by content_hash) as content_hash
    from manifest
    where dataset_key = 'bronze.shared.instrument_definitions'
    group by root, dt
),

-- orders come before best quotes: they show the whole book
candidates as (
    select
        *,
        if(dataset_key = 'bronze.future_option_mbo.mbo', 'mbo', 'nbbo') as quote_source,
        row_number() over (
            partition by symbol, dt
            order by dataset_key = 'bronze.future_option_mbo.mbo' desc
        ) as preference
    from manifest
    where dataset_key in ('bronze.future_option_mbo.mbo', 'bronze.future_option.nbbo')
)

select
    candidates.symbol,
    candidates.dt,
    candidates.root,
    candidates.quote_source,
    candidates.landed_path,
    cast(instruments.option_tick_size * 1000000000 as bigint) as option_tick_int,
    md5(concat_ws(
        '|',
        candidates.dataset_key,
        candidates.content_hash,
        definitions.content_hash,
        instruments.option_tick_size
    )) as input_fingerprint
from candidates
inner join instruments on candidates.root = instruments.root
left join definitions
    on
        candidates.root = definitions.root
        and candidates.dt = definitions.dt
where candidates.preference = 1
