-- Every landed trade belongs to exactly one session of its contract-day: the counts add up to
-- landing's count of the file.
with

contract_days as (
    select * from {{ ref('contract_days') }}
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
    contract_days.symbol,
    contract_days.dt,
    counted.trade_count,
    manifest.counts_per_action['T'] as landed_trade_count
from contract_days
inner join manifest
    on
        contract_days.trade_dataset = manifest.dataset_key
        and contract_days.symbol = manifest.symbol
        and contract_days.dt = manifest.dt
inner join counted
    on
        contract_days.symbol = counted.symbol
        and contract_days.dt = counted.dt
where manifest.counts_per_action['T'] is distinct from counted.trade_count
