{{ partitioned_by('contract_days.trades_fingerprint', storage='table', every_day=true) }}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

landed as (
    select * from {{ read_landed_partition('trade_path') }}
),

-- sessions begin and end on whole minutes, so it is enough to convert the minutes
minutes as (
    select
        symbol,
        dt,
        date_trunc('minute', ts_event) as minute_ts,
        count(*) as trade_count,
        sum(size) as volume
    from landed
    where action = 'T'
    group by symbol, dt, minute_ts
),

dated as (
    select
        minutes.symbol,
        minutes.dt,
        contract_day.root,
        {{ globex_session_date(
            'minutes.minute_ts',
            'contract_day.session_open_local',
            'contract_day.session_close_local',
            'contract_day.session_tz'
        ) }} as session_date,
        minutes.trade_count,
        minutes.volume,
        {{ in_session('minutes.minute_ts', 'rth_study') }} as is_in_study_window
    from minutes
    inner join contract_day
        on
            minutes.symbol = contract_day.symbol
            and minutes.dt = contract_day.dt
)

select
    symbol,
    dt,
    root,
    session_date,
    cast(sum(trade_count) as bigint) as trade_count,
    cast(sum(volume) as bigint) as volume,
    cast(coalesce(sum(trade_count) filter (is_in_study_window), 0) as bigint) as study_trade_count
from dated
group by
    symbol,
    dt,
    root,
    session_date
