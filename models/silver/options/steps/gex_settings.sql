with

inputs as (
    select * from {{ ref('option_quote_sources') }}
),

manifest as (
    select * from {{ ref('ingest_manifest') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

future_versions as (
    select * from {{ partition_versions('book_snapshot_1s') }}
),

option_versions as (
    select * from {{ partition_versions('option_book_1s') }}
),

rates as (
    select * from {{ ref('risk_free_rate') }}
),

signs as (
    select * from {{ ref('dealer_sign') }}
    where sign_convention = '{{ var("sign_convention") }}'
),

trades as (
    select * from manifest
    where dataset_key = 'bronze.future_option.trades'
),

-- best quotes of every update include every trade; those of intervals do not
updates as (
    select * from manifest
    where
        dataset_key = 'bronze.future_option.nbbo'
        and len(list_filter(inputs, file -> file.schema != 'mbp-1')) = 0
),

interest as (
    select
        symbol,
        dt,
        md5(string_agg(
            concat_ws('|', option_symbol, known_from_ts, open_interest), '|'
            order by option_symbol, known_from_ts
        )) as content_hash
    from {{ ref('option_open_interest') }}
    group by symbol, dt
),

clocks as (
    select
        symbol,
        dt,
        md5(string_agg(
            concat_ws('|', runs_from_ts, runs_to_ts, year_s), '|' order by runs_from_ts
        )) as content_hash
    from {{ ref('option_clock') }}
    group by symbol, dt
),

rate_of_days as (
    select
        inputs.symbol,
        inputs.dt,
        max_by(rates.rate, rates.date) as rate
    from inputs
    inner join rates on inputs.dt >= rates.date
    group by inputs.symbol, inputs.dt
)

select
    inputs.symbol,
    inputs.dt,
    inputs.root,
    cast(instruments.gex_strike_step * {{ price_scale() }} as bigint) as strike_step_int,
    instruments.tick_int,
    rate_of_days.rate,
    case
        when trades.symbol is not null then 'trades'
        when inputs.quote_source = 'mbo' then 'mbo'
        when updates.symbol is not null then 'mbp-1'
        else 'none'
    end as trade_source,
    signs.sign_convention,
    signs.sign_call,
    signs.sign_put,
    md5(concat_ws(
        '|',
        option_versions.input_fingerprint,
        future_versions.input_fingerprint,
        interest.content_hash,
        trades.content_hash,
        rate_of_days.rate,
        clocks.content_hash,
        instruments.gex_strike_step,
        instruments.tick_int,
        signs.sign_convention,
        signs.sign_call,
        signs.sign_put
    )) as input_fingerprint
from inputs
inner join option_versions
    on
        inputs.symbol = option_versions.symbol
        and inputs.dt = option_versions.dt
inner join future_versions
    on
        inputs.symbol = future_versions.symbol
        and inputs.dt = future_versions.dt
inner join instruments on inputs.root = instruments.root
cross join signs
left join rate_of_days
    on
        inputs.symbol = rate_of_days.symbol
        and inputs.dt = rate_of_days.dt
left join trades
    on
        inputs.symbol = trades.symbol
        and inputs.dt = trades.dt
left join updates
    on
        inputs.symbol = updates.symbol
        and inputs.dt = updates.dt
left join interest
    on
        inputs.symbol = interest.symbol
        and inputs.dt = interest.dt
left join clocks
    on
        inputs.symbol = clocks.symbol
        and inputs.dt = clocks.dt
