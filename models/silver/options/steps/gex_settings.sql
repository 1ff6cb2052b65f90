with

contract_days as (
    select * from {{ ref('contract_days') }}
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
        contract_days.symbol,
        contract_days.dt,
        max_by(rates.rate, rates.date) as rate
    from contract_days
    inner join rates on contract_days.dt >= rates.date
    group by contract_days.symbol, contract_days.dt
)

select
    contract_days.symbol,
    contract_days.dt,
    contract_days.root,
    cast(instruments.gex_strike_step * {{ price_scale() }} as bigint) as strike_step_int,
    instruments.tick_int,
    rate_of_days.rate,
    case
        when trades.symbol is not null then 'trades'
        when contract_days.quote_source = 'mbo' then 'mbo'
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
        coalesce(cast(contract_days.option_windows as varchar), 'all'),
        signs.sign_convention,
        signs.sign_call,
        signs.sign_put
    )) as input_fingerprint
from contract_days
inner join option_versions
    on
        contract_days.symbol = option_versions.symbol
        and contract_days.dt = option_versions.dt
inner join future_versions
    on
        contract_days.symbol = future_versions.symbol
        and contract_days.dt = future_versions.dt
inner join instruments on contract_days.root = instruments.root
cross join signs
left join rate_of_days
    on
        contract_days.symbol = rate_of_days.symbol
        and contract_days.dt = rate_of_days.dt
left join trades
    on
        contract_days.symbol = trades.symbol
        and contract_days.dt = trades.dt
left join updates
    on
        contract_days.symbol = updates.symbol
        and contract_days.dt = updates.dt
left join interest
    on
        contract_days.symbol = interest.symbol
        and contract_days.dt = interest.dt
left join clocks
    on
        contract_days.symbol = clocks.symbol
        and contract_days.dt = clocks.dt
