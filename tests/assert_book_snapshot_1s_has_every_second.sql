-- Quiet and invalid seconds have rows too, because look-backs count rows. Between the first and the
-- last second of a day none may be missing, occur twice or lie off the grid of whole seconds.
with

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ untested_partitions('book_snapshot_1s') }}
),

steps as (
    select
        symbol,
        dt,
        window_start_ts,
        window_end_ts,
        lag(window_end_ts) over (
            partition by symbol, dt
            order by window_start_ts
        ) as previous_window_end_ts
    from snapshot
)

select * from steps
where
    window_start_ts != date_trunc('second', window_start_ts)
    or window_end_ts != window_start_ts + interval 1 second
    or window_start_ts != previous_window_end_ts
