{{ partitioned_by('book_engine_manifest', storage='view') }}

with written as (
    select * from {{ kept_rows('book_engine_manifest', 'reprice_flow_1s') }}
)

select
    symbol,
    dt,
    window_start_ts,
    window_start_ts + interval 1 second as window_end_ts,
    side,
    price_from_int,
    price_to_int,
    qty,
    qty_rest,
    n_orders,
    window_valid
from written
