-- noqa: disable=AM04
-- The engine flags silence while it lasts; recording_gaps measures it afterwards. Both must mean
-- the same seconds: the seconds of a silent gap that end later than stale_after_s after its start.
-- Silence outside trading hours does not count, so every silent gap holds a second of trading.
with

seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        window_end_ts,
        invalid_flags
    from {{ ref('book_snapshot_1s') }}
    where {{ untested_partitions('recording_gaps') }}
),

gaps as (
    select * from {{ ref('recording_gaps') }}
    where cause = 'silent' and {{ untested_partitions('recording_gaps') }}
),

stale_after as (
    select
        symbol,
        dt,
        cast(stale_after_s as bigint) * 1000000000 as stale_after_ns
    from {{ ref('contract_days') }}
),

intervals as (
    select * from {{ ref('trading_intervals') }}
),

expected as (
    select
        seconds.symbol,
        seconds.dt,
        seconds.window_start_ts
    from seconds
    inner join stale_after
        on
            seconds.symbol = stale_after.symbol
            and seconds.dt = stale_after.dt
    inner join intervals
        on
            seconds.symbol = intervals.symbol
            and seconds.dt = intervals.dt
            and seconds.window_start_ts >= intervals.open_ts
            and seconds.window_start_ts < intervals.close_ts
    inner join gaps
        on
            seconds.symbol = gaps.symbol
            and seconds.dt = gaps.dt
            and seconds.window_end_ts <= date_trunc('second', gaps.gap_end_ts)
            and epoch_ns(seconds.window_end_ts)
            - greatest(epoch_ns(gaps.gap_start_ts), epoch_ns(intervals.open_ts))
            > stale_after.stale_after_ns
    where seconds.invalid_flags & 16 = 0
),

flagged as (
    select
        symbol,
        dt,
        window_start_ts
    from seconds
    where invalid_flags & 64 != 0
),

without_trading as (
    select
        gaps.symbol,
        gaps.dt,
        cast(gaps.gap_start_ts as timestamp) as window_start_ts
    from gaps
    anti join seconds
        on
            gaps.symbol = seconds.symbol
            and gaps.dt = seconds.dt
            and gaps.gap_start_ts < seconds.window_end_ts
            and gaps.gap_end_ts > seconds.window_start_ts
            and seconds.invalid_flags & 16 = 0
),

differences as (
    (
        select * from expected
        except
        select * from flagged
    )
    union all
    (
        select * from flagged
        except
        select * from expected
    )
    union all
    select * from without_trading
)

select * from differences
