with written as (
  select * from (
    select
    cast(null as varchar) as "symbol",
    cast(null as date) as "dt",
    cast(null as timestamp) as "window_start_ts",
    cast(null as timestamp) as "window_end_ts",
    cast(null as varchar) as "side",
    cast(null as bigint) as "price_from_int",
    cast(null as bigint) as "price_to_int",
    cast(null as bigint) as "qty",
    cast(null as bigint) as "qty_rest",
    cast(null as bigint) as "n_orders",
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
price_from_int,
price_to_int,
qty,
qty_rest,
n_orders,
window_valid
from written
