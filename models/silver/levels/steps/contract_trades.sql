{{ partitioned_by('book_snapshot_1s') }}

with

records as (
    select * from {{ ref('book_records') }}
    where
        {{ in_partition() }}
        and action = 'T'
        and size > 0
),

seconds as (
    select
        window_start_ts,
        trade_count,
        sum(trade_count) over (order by window_start_ts) - trade_count as trades_before
    from {{ ref('book_snapshot_1s') }}
    where
        {{ in_partition() }}
        and trade_count > 0
),

-- windows never decrease along the file: the n-th trade lies in the second that counts the n-th
windows as (
    select
        window_start_ts,
        cast(trades_before + unnest(range(1, trade_count + 1)) as bigint) as trade_no
    from seconds
),

trades as (
    select
        *,
        row_number() over (order by rec_ordinal) as trade_no
    from records
)

select
    trades.symbol,
    trades.dt,
    trades.trade_no,
    trades.rec_ordinal,
    trades.ts_event,
    windows.window_start_ts,
    trades.price_int,
    trades.size,
    trades.side
from trades
inner join windows on trades.trade_no = windows.trade_no
order by trades.trade_no
