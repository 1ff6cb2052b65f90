with
by_orders as (
  select * from "gold"."turn_conditions_1s"
),
by_price as (
  select * from "gold"."turn_conditions_mbp_1s"
),
contract_days as (
  select * from "silver"."contract_days"
)
select
*,
'orders' as conditions_basis
from by_orders
union all
select
by_price.* exclude (reach_ticks, scrolled_qty, unknown_side_qty, resolution_s),
'net' as conditions_basis
from by_price
inner join contract_days
on
by_price.symbol = contract_days.symbol
and by_price.dt = contract_days.dt
where contract_days.book_source = 'mbp10'
