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
both_forms as (
  select
  by_orders.condition_window_s,
  cast(by_orders.state as varchar) as exact_state,
  cast(by_price.state as varchar) as net_state,
  cast(by_orders.c1 as varchar) as exact_c1,
  cast(by_price.c1 as varchar) as net_c1,
  cast(by_orders.c2 as varchar) as exact_c2,
  cast(by_price.c2 as varchar) as net_c2,
  cast(by_orders.c3 as varchar) as exact_c3,
  cast(by_price.c3 as varchar) as net_c3,
  cast(by_orders.c4 as varchar) as exact_c4,
  cast(by_price.c4 as varchar) as net_c4,
  by_orders.asks_retreat_z as exact_asks_retreat_z,
  by_price.asks_retreat_z as net_asks_retreat_z,
  by_orders.asks_retreat_qty as exact_asks_retreat_qty,
  by_price.asks_retreat_qty as net_asks_retreat_qty,
  by_orders.asks_pull_z as exact_asks_pull_z,
  by_price.asks_pull_z as net_asks_pull_z,
  by_orders.asks_pull_qty as exact_asks_pull_qty,
  by_price.asks_pull_qty as net_asks_pull_qty,
  by_orders.bids_recede_z as exact_bids_recede_z,
  by_price.bids_recede_z as net_bids_recede_z,
  by_orders.bids_recede_qty as exact_bids_recede_qty,
  by_price.bids_recede_qty as net_bids_recede_qty,
  by_orders.bids_pull_z as exact_bids_pull_z,
  by_price.bids_pull_z as net_bids_pull_z,
  by_orders.bids_pull_qty as exact_bids_pull_qty,
  by_price.bids_pull_qty as net_bids_pull_qty,
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
),
compared as (
  select
  condition_window_s,
  'c1' as compared,
  exact_c1 as exact_value,
  net_c1 as net_value,
  if(net_asks_retreat_z is null, null, cast(exact_asks_retreat_z as decimal(18, 6))) as exact_z,
  if(exact_asks_retreat_z is null, null, cast(net_asks_retreat_z as decimal(18, 6))) as net_z,
  exact_asks_retreat_qty as exact_qty,
  net_asks_retreat_qty as net_qty,
  repriced_qty
  from both_forms
  union all
  select
  condition_window_s,
  'c2' as compared,
  exact_c2 as exact_value,
  net_c2 as net_value,
  if(net_asks_pull_z is null, null, cast(exact_asks_pull_z as decimal(18, 6))) as exact_z,
  if(exact_asks_pull_z is null, null, cast(net_asks_pull_z as decimal(18, 6))) as net_z,
  exact_asks_pull_qty as exact_qty,
  net_asks_pull_qty as net_qty,
  repriced_qty
  from both_forms
  union all
  select
  condition_window_s,
  'c3' as compared,
  exact_c3 as exact_value,
  net_c3 as net_value,
  if(net_bids_recede_z is null, null, cast(exact_bids_recede_z as decimal(18, 6))) as exact_z,
  if(exact_bids_recede_z is null, null, cast(net_bids_recede_z as decimal(18, 6))) as net_z,
  exact_bids_recede_qty as exact_qty,
  net_bids_recede_qty as net_qty,
  repriced_qty
  from both_forms
  union all
  select
  condition_window_s,
  'c4' as compared,
  exact_c4 as exact_value,
  net_c4 as net_value,
  if(net_bids_pull_z is null, null, cast(exact_bids_pull_z as decimal(18, 6))) as exact_z,
  if(exact_bids_pull_z is null, null, cast(net_bids_pull_z as decimal(18, 6))) as net_z,
  exact_bids_pull_qty as exact_qty,
  net_bids_pull_qty as net_qty,
  repriced_qty
  from both_forms
  union all
  select
  condition_window_s,
  'state' as compared,
  exact_state as exact_value,
  net_state as net_value,
  null as exact_z,
  null as net_z,
  exact_asks_pull_qty + exact_bids_pull_qty as exact_qty,
  net_asks_pull_qty + net_bids_pull_qty as net_qty,
  repriced_qty
  from both_forms
),
known_in_both as (
  select
  condition_window_s,
  compared,
  unnest([exact_value, net_value]) as known_value,
  unnest([1, 0]) as is_exact
  from compared
  where exact_value is not null and net_value is not null
),
how_often as (
  select
  condition_window_s,
  compared,
  known_value,
  sum(is_exact) as n_exact,
  sum(1 - is_exact) as n_net
  from known_in_both
  group by condition_window_s, compared, known_value
),
by_chance as (
  select
  condition_window_s,
  compared,
  cast(sum(n_exact * n_net) as double) / (sum(n_exact) * sum(n_net)) as agree_by_chance_share
  from how_often
  group by condition_window_s, compared
),
sums as (
  select
  condition_window_s,
  compared,
  count(*) filter (exact_value is not null and net_value is not null) as n_both,
  count(*) filter (exact_value = net_value) as n_agree,
  count(*) filter (exact_value is not null and net_value is null) as n_exact_only,
  count(*) filter (exact_value is null and net_value is not null) as n_net_only,
  count(exact_z) as n_z,
  cast(sum(exact_z) as double) as x,
  cast(sum(net_z) as double) as y,
  cast(sum(exact_z * exact_z) as double) as xx,
  cast(sum(net_z * net_z) as double) as yy,
  cast(sum(exact_z * net_z) as double) as xy,
  avg(repriced_qty) filter (exact_value = net_value) as agree_repriced_qty,
  avg(repriced_qty) filter (exact_value != net_value) as differ_repriced_qty,
  avg(exact_qty) filter (exact_value != net_value) as differ_exact_qty,
  avg(net_qty) filter (exact_value != net_value) as differ_net_qty
  from compared
  group by condition_window_s, compared
)
select
'$symbol' as symbol,
date '$dt' as dt,
sums.condition_window_s,
sums.compared,
sums.n_both,
sums.n_agree,
sums.n_agree / nullif(sums.n_both, 0) as agree_share,
by_chance.agree_by_chance_share,
sums.n_exact_only,
sums.n_net_only,
(sums.n_z * sums.xy - sums.x * sums.y) / nullif(
  sqrt(greatest(sums.n_z * sums.xx - sums.x * sums.x, 0))
  * sqrt(greatest(sums.n_z * sums.yy - sums.y * sums.y, 0)),
  0
) as z_correlation,
sums.agree_repriced_qty,
sums.differ_repriced_qty,
sums.differ_exact_qty,
sums.differ_net_qty
from sums
left join by_chance
on
sums.condition_window_s = by_chance.condition_window_s
and sums.compared = by_chance.compared
order by sums.condition_window_s, sums.compared
