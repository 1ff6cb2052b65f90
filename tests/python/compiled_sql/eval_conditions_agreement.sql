with
by_orders as (
  select * from "steps"."turn_states_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
by_price as (
  select * from "steps"."turn_states_mbp_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
turn_flows as (
  select * from "steps"."turn_flows_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
repriced as (
  select
  window_start_ts,
  condition_window_s,
  level_tick,
  ask_repriced + bid_repriced as repriced_qty
  from turn_flows
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
compared as (
  select
  by_orders.condition_window_s,
  'c1' as compared,
  cast(by_orders.c1 as varchar) as exact_value,
  cast(by_price.c1 as varchar) as net_value,
  by_orders.asks_retreat_z as exact_z,
  by_price.asks_retreat_z as net_z,
  by_orders.asks_retreat_qty as exact_qty,
  by_price.asks_retreat_qty as net_qty,
  repriced.repriced_qty
  from by_orders
  inner join by_price
  on
  by_orders.window_start_ts = by_price.window_start_ts
  and by_orders.level_id = by_price.level_id
  and by_orders.condition_window_s = by_price.condition_window_s
  cross join contract_day
  left join repriced
  on
  by_orders.window_start_ts = repriced.window_start_ts
  and by_orders.condition_window_s = repriced.condition_window_s
  and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
  union all
  select
  by_orders.condition_window_s,
  'c2' as compared,
  cast(by_orders.c2 as varchar) as exact_value,
  cast(by_price.c2 as varchar) as net_value,
  by_orders.asks_pull_z as exact_z,
  by_price.asks_pull_z as net_z,
  by_orders.asks_pull_qty as exact_qty,
  by_price.asks_pull_qty as net_qty,
  repriced.repriced_qty
  from by_orders
  inner join by_price
  on
  by_orders.window_start_ts = by_price.window_start_ts
  and by_orders.level_id = by_price.level_id
  and by_orders.condition_window_s = by_price.condition_window_s
  cross join contract_day
  left join repriced
  on
  by_orders.window_start_ts = repriced.window_start_ts
  and by_orders.condition_window_s = repriced.condition_window_s
  and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
  union all
  select
  by_orders.condition_window_s,
  'c3' as compared,
  cast(by_orders.c3 as varchar) as exact_value,
  cast(by_price.c3 as varchar) as net_value,
  by_orders.bids_recede_z as exact_z,
  by_price.bids_recede_z as net_z,
  by_orders.bids_recede_qty as exact_qty,
  by_price.bids_recede_qty as net_qty,
  repriced.repriced_qty
  from by_orders
  inner join by_price
  on
  by_orders.window_start_ts = by_price.window_start_ts
  and by_orders.level_id = by_price.level_id
  and by_orders.condition_window_s = by_price.condition_window_s
  cross join contract_day
  left join repriced
  on
  by_orders.window_start_ts = repriced.window_start_ts
  and by_orders.condition_window_s = repriced.condition_window_s
  and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
  union all
  select
  by_orders.condition_window_s,
  'c4' as compared,
  cast(by_orders.c4 as varchar) as exact_value,
  cast(by_price.c4 as varchar) as net_value,
  by_orders.bids_pull_z as exact_z,
  by_price.bids_pull_z as net_z,
  by_orders.bids_pull_qty as exact_qty,
  by_price.bids_pull_qty as net_qty,
  repriced.repriced_qty
  from by_orders
  inner join by_price
  on
  by_orders.window_start_ts = by_price.window_start_ts
  and by_orders.level_id = by_price.level_id
  and by_orders.condition_window_s = by_price.condition_window_s
  cross join contract_day
  left join repriced
  on
  by_orders.window_start_ts = repriced.window_start_ts
  and by_orders.condition_window_s = repriced.condition_window_s
  and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
  union all
  select
  by_orders.condition_window_s,
  'state' as compared,
  by_orders.state as exact_value,
  by_price.state as net_value,
  null as exact_z,
  null as net_z,
  by_orders.asks_pull_qty + by_orders.bids_pull_qty as exact_qty,
  by_price.asks_pull_qty + by_price.bids_pull_qty as net_qty,
  repriced.repriced_qty
  from by_orders
  inner join by_price
  on
  by_orders.window_start_ts = by_price.window_start_ts
  and by_orders.level_id = by_price.level_id
  and by_orders.condition_window_s = by_price.condition_window_s
  cross join contract_day
  left join repriced
  on
  by_orders.window_start_ts = repriced.window_start_ts
  and by_orders.condition_window_s = repriced.condition_window_s
  and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
)
select
'$symbol' as symbol,
date '$dt' as dt,
condition_window_s,
compared,
count(*) filter (exact_value is not null and net_value is not null) as n_both,
count(*) filter (exact_value = net_value) as n_agree,
n_agree / nullif(n_both, 0) as agree_share,
count(*) filter (exact_value is not null and net_value is null) as n_exact_only,
count(*) filter (exact_value is null and net_value is not null) as n_net_only,
round(corr(exact_z, net_z), 9) as z_correlation,
avg(repriced_qty) filter (exact_value = net_value) as agree_repriced_qty,
avg(repriced_qty) filter (exact_value != net_value) as differ_repriced_qty,
avg(exact_qty) filter (exact_value != net_value) as differ_exact_qty,
avg(net_qty) filter (exact_value != net_value) as differ_net_qty
from compared
group by condition_window_s, compared
order by condition_window_s, compared
