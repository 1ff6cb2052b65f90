-- Every landed trade belongs to exactly one session of its contract-day: the counts add up to
-- landing's count of the file.
with

inputs as (
    select * from {{ ref('contract_trade_sources') }}
),

manifest as (
    select * from {{ ref('ingest_manifest') }}
),

counted as (
    select
        symbol,
        dt,
        sum(trade_count) as trade_count
    from {{ ref('contract_session_trades') }}
    where {{ untested_partitions('contract_session_trades') }}
    group by symbol, dt
)

select
    inputs.symbol,
    inputs.dt,
    counted.trade_count,
    manifest.counts_per_action['T'] as landed_trade_count
from inputs
inner join manifest
    on
        inputs.dataset_key = manifest.dataset_key
        and inputs.symbol = manifest.symbol
        and inputs.dt = manifest.dt
inner join counted
    on
        inputs.symbol = counted.symbol
        and inputs.dt = counted.dt
where manifest.counts_per_action['T'] is distinct from counted.trade_count
