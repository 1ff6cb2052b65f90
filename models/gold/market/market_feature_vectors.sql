{{ partitioned_by('level_decisions', inputs=['book_snapshot_1s']) }}

with

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

described as (
    select
        symbol,
        dt,
        window_end_ts,
        cast((best_ask_price_int - best_bid_price_int) / 250000000 as float) as spread_ticks_eob,
        cast(
            (best_bid_qty - best_ask_qty) / nullif(best_bid_qty + best_ask_qty, 0) as float
        ) as book_imbalance_l1_eob,
        cast(ln(1 + best_bid_qty) as float) as depth_bid_log_eob,
        cast(ln(1 + best_ask_qty) as float) as depth_ask_log_eob
    from snapshot
    where
        epoch(window_end_ts) % {{ var('vector_window_s') }} = 0
        and window_valid
        and {{ in_session('window_start_ts', 'rth_study') }}
)

select
    symbol,
    dt,
    window_end_ts,
    spread_ticks_eob,
    book_imbalance_l1_eob,
    depth_bid_log_eob,
    depth_ask_log_eob,
    cast(
        [spread_ticks_eob, book_imbalance_l1_eob, depth_bid_log_eob, depth_ask_log_eob] as float[4]
    ) as vector
from described
order by window_end_ts
