-- Open intervals of a day do not overlap, and are numbered in time order without a gap. The book
-- engine uses them to decide whether a second is in continuous trading, and to find the first trade
-- after each open.
with

numbered as (
    select
        symbol,
        dt,
        interval_no,
        open_ts,
        row_number() over day_intervals as expected_no,
        lag(close_ts) over day_intervals as previous_close_ts
    from {{ ref('trading_hours') }}
    window day_intervals as (partition by symbol, dt order by open_ts, close_ts)
)

select *
from numbered
where interval_no != expected_no or open_ts < previous_close_ts
