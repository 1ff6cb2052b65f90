with written as (
  select * from (
    select
    cast(null as varchar) as "symbol",
    cast(null as date) as "dt",
    cast(null as timestamp) as "window_start_ts",
    cast(null as timestamp) as "window_end_ts",
    cast(null as varchar) as "side",
    cast(null as bigint) as "price_int",
    cast(null as bigint) as "spot_ref_price_int",
    cast(null as integer) as "rel_ticks",
    cast(null as bigint) as "depth_qty_start",
    cast(null as bigint) as "depth_qty_end",
    cast(null as bigint) as "add_qty",
    cast(null as bigint) as "pull_qty_total",
    cast(null as bigint) as "pull_qty_rest",
    cast(null as bigint) as "fill_qty",
    cast(null as bigint) as "reprice_in_qty",
    cast(null as bigint) as "reprice_out_qty",
    cast(null as bigint) as "reset_qty",
    cast(null as bigint) as "depth_qty_rest",
    cast(null as bigint) as "order_count_end",
    cast(null as boolean) as "window_valid"
    where false
  )
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
