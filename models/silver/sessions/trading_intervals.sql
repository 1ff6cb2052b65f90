{# the vendor's codes of a status message's action; the last two leave the state as it is #}
{% set trading, no_action, short_sale_change = 7, 0, 14 %}

with

trading_hours as (
    select * from {{ ref('trading_hours') }}
),

future_status as (
    select * from {{ ref('future_status') }}
),

-- a message before the day gives the state at 00:00 UTC
messages as (
    select
        symbol,
        dt,
        rec_ordinal,
        max(greatest(ts_event, cast(dt as timestamp_ns))) over (
            partition by symbol, dt
            order by rec_ordinal
        ) as state_ts,
        action = {{ trading }} as is_trading
    from future_status
    where action not in ({{ no_action }}, {{ short_sale_change }})
),

status_days as (
    select
        symbol,
        dt,
        min(state_ts) as first_state_ts
    from messages
    group by symbol, dt
),

-- before the first message the clock decides whether the session of the last evening continues
before_the_first_message as (
    select
        status_days.symbol,
        status_days.dt,
        cast(unnest([status_days.dt, trading_hours.close_ts]) as timestamp_ns) as state_ts,
        unnest([true, false]) as is_trading
    from status_days
    inner join trading_hours
        on
            status_days.symbol = trading_hours.symbol
            and status_days.dt = trading_hours.dt
    where trading_hours.is_open_at_start
),

states as (
    select
        symbol,
        dt,
        rec_ordinal,
        state_ts,
        is_trading
    from messages
    union all
    select
        before_the_first_message.symbol,
        before_the_first_message.dt,
        -1 as rec_ordinal,
        before_the_first_message.state_ts,
        before_the_first_message.is_trading
    from before_the_first_message
    inner join status_days
        on
            before_the_first_message.symbol = status_days.symbol
            and before_the_first_message.dt = status_days.dt
            and before_the_first_message.state_ts <= status_days.first_state_ts
),

lasting_states as (
    select
        symbol,
        dt,
        state_ts,
        is_trading,
        lead(state_ts, 1, cast(dt + interval 1 day as timestamp_ns)) over (
            partition by symbol, dt
            order by state_ts, rec_ordinal
        ) as until_ts
    from states
    qualify state_ts < until_ts
),

numbered_states as (
    select
        *,
        count(*) filter (where not is_trading) over (
            partition by symbol, dt
            order by state_ts
        ) as stretch
    from lasting_states
),

-- a second counts when it lies wholly in trading
status_intervals as (
    select
        symbol,
        dt,
        make_timestamp((epoch_ns(min(state_ts)) + 999999999) // 1000000000 * 1000000) as open_ts,
        make_timestamp(epoch_ns(max(until_ts)) // 1000000000 * 1000000) as close_ts
    from numbered_states
    where is_trading
    group by symbol, dt, stretch
    having open_ts < close_ts
),

intervals as (
    select
        symbol,
        dt,
        open_ts,
        close_ts,
        true as is_open_at_once,
        'status' as told_by
    from status_intervals
    union all
    select
        trading_hours.symbol,
        trading_hours.dt,
        trading_hours.open_ts,
        trading_hours.close_ts,
        trading_hours.is_open_at_start as is_open_at_once,
        'clock' as told_by
    from trading_hours
    anti join status_days
        on
            trading_hours.symbol = status_days.symbol
            and trading_hours.dt = status_days.dt
)

select
    symbol,
    dt,
    cast(row_number() over (partition by symbol, dt order by open_ts) as integer) as interval_no,
    open_ts,
    close_ts,
    is_open_at_once,
    told_by
from intervals
