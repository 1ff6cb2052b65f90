{{ partitioned_by('contract_trade_sources', storage='table', every_day=true) }}

with

inputs as (
    select * from {{ ref('contract_trade_sources') }}
    where {{ in_partition() }}
),

landed as (
    select * from {{ read_landed_partition() }}
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
        inputs.root,
        {{ globex_session_date(
            'minutes.minute_ts', 'inputs.session_open_local', 'inputs.session_tz'
        ) }} as session_date,
        minutes.trade_count,
        minutes.volume,
        {{ in_session('minutes.minute_ts', 'rth_study') }} as is_in_study_window
    from minutes
    inner join inputs
        on
            minutes.symbol = inputs.symbol
            and minutes.dt = inputs.dt
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
