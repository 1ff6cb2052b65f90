{{ partitioned_by('book_engine_manifest', storage='view') }}

with written as (
    select * from {{ kept_rows('book_engine_manifest', 'wall_surface_1s') }}
)

select
    symbol,
    dt,
    window_start_ts,
    window_start_ts + interval 1 second as window_end_ts,
    side,
    price_int,
    spot_ref_price_int,
    rel_ticks,
    cast(depth_qty_start as bigint) as depth_qty_start,
    cast(depth_qty_end as bigint) as depth_qty_end,
    cast(add_qty as bigint) as add_qty,
    cast(pull_qty_total as bigint) as pull_qty_total,
    cast(pull_qty_rest as bigint) as pull_qty_rest,
    cast(fill_qty as bigint) as fill_qty,
    cast(reprice_in_qty as bigint) as reprice_in_qty,
    cast(reprice_out_qty as bigint) as reprice_out_qty,
    cast(reset_qty as bigint) as reset_qty,
    cast(depth_qty_rest as bigint) as depth_qty_rest,
    cast(order_count_end as bigint) as order_count_end,
    window_valid
from written
