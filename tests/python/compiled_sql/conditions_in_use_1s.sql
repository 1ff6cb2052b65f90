with
by_orders as (
  select * from "gold"."turn_conditions_1s"
),
by_price as (
  select * exclude (lot, reach_ticks, scrolled_qty, unknown_side_qty, resolution_s)
  from "gold"."turn_conditions_mbp_1s"
),
without_orders as (
  select
  symbol,
  dt
  from "silver"."contract_days"
  where book_source = 'mbp10'
)
select
*,
'orders' as conditions_basis
from by_orders
union all
select
by_price.*,
'net' as conditions_basis
from by_price
inner join without_orders
on
by_price.symbol = without_orders.symbol
and by_price.dt = without_orders.dt
