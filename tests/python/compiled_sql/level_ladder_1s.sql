with
level_anchors as (
  select * from "steps"."level_anchors_1s"
),
level_book as (
  select * from "steps"."level_book_1s"
),
usual as (
  select * from "steps"."usual_depth_1s"
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
),
contract_days as (
  select * from "silver"."contract_days"
),
instruments as (
  select * from "reference"."instruments"
),
exposures as (
  select * from "silver"."gex_surface_1s"
  where n_options > 0
),
option_physics as (
  select * from "silver"."option_physics_1s"
),
contracts as (
  select
  contract_days.symbol,
  contract_days.dt,
  contract_days.tick_int,
  cast(
    round(
      coalesce(instruments.ladder_step, 1)
      / instruments.tick_size
    ) as integer
  ) as rung_ticks
  from contract_days
  inner join instruments on contract_days.root = instruments.root
),
seconds as (
  select unnest(range(5)) as seconds_back
),
offsets as (
  select unnest(range(-4, 5)) as point_offset
),
lookbacks as (
  select
  level_anchors.*,
  seconds.seconds_back,
  level_anchors.window_start_ts - to_seconds(seconds.seconds_back) as second_ts
  from level_anchors
  cross join seconds
),
sums as (
  select
  lookbacks.symbol,
  lookbacks.dt,
  lookbacks.window_start_ts,
  lookbacks.window_end_ts,
  lookbacks.level_id,
  cast(offsets.point_offset as integer) as point_offset,
  any_value(lookbacks.level_tick) as level_tick,
  any_value(lookbacks.level_price_int) as level_price_int,
  any_value(lookbacks.k_ticks) as k_ticks,
  any_value(lookbacks.window_valid) as window_valid,
  count(*) = 5 and bool_and(level_book.window_valid) as is_flow_known,
  min(level_book.k_ticks) as low_k_ticks,
  max(level_book.k_ticks) as high_k_ticks,
  cast(sum(
      level_book.bid_rung_depth_end[offsets.point_offset + 5]
    ) filter (where lookbacks.seconds_back = 0) as bigint) as bid_depth,
  cast(sum(
      level_book.bid_rung_depth_start[offsets.point_offset + 5]
    ) filter (where lookbacks.seconds_back = 4) as bigint)
  as bid_depth_start,
  cast(sum(
      level_book.bid_rung_add[offsets.point_offset + 5]
    ) as bigint) as bid_add,
  cast(sum(
      level_book.bid_rung_pull[offsets.point_offset + 5]
    ) as bigint) as bid_pull,
  cast(sum(
      level_book.bid_rung_fill[offsets.point_offset + 5]
    ) as bigint) as bid_fill,
  cast(sum(
      level_book.ask_rung_depth_end[offsets.point_offset + 5]
    ) filter (where lookbacks.seconds_back = 0) as bigint) as ask_depth,
  cast(sum(
      level_book.ask_rung_depth_start[offsets.point_offset + 5]
    ) filter (where lookbacks.seconds_back = 4) as bigint)
  as ask_depth_start,
  cast(sum(
      level_book.ask_rung_add[offsets.point_offset + 5]
    ) as bigint) as ask_add,
  cast(sum(
      level_book.ask_rung_pull[offsets.point_offset + 5]
    ) as bigint) as ask_pull,
  cast(sum(
      level_book.ask_rung_fill[offsets.point_offset + 5]
    ) as bigint) as ask_fill
  from lookbacks
  inner join level_book
  on
  lookbacks.symbol = level_book.symbol
  and lookbacks.dt = level_book.dt
  and lookbacks.level_tick = level_book.level_tick
  and lookbacks.second_ts = level_book.window_start_ts
  cross join offsets
  group by
  lookbacks.symbol,
  lookbacks.dt,
  lookbacks.window_start_ts,
  lookbacks.window_end_ts,
  lookbacks.level_id,
  offsets.point_offset
),
rungs as (
  select
  sums.*,
  contracts.tick_int,
  contracts.rung_ticks,
  sums.k_ticks + sums.point_offset * contracts.rung_ticks as from_ticks,
  sums.k_ticks + (sums.point_offset + 1) * contracts.rung_ticks - 1 as to_ticks,
  sums.low_k_ticks + sums.point_offset * contracts.rung_ticks as low_from_ticks,
  sums.high_k_ticks + (sums.point_offset + 1) * contracts.rung_ticks - 1 as high_to_ticks,
  (sums.level_tick + sums.point_offset * contracts.rung_ticks) * contracts.tick_int
  as from_price_int,
  (sums.level_tick + (sums.point_offset + 1) * contracts.rung_ticks - 1) * contracts.tick_int
  as to_price_int
  from sums
  inner join contracts
  on
  sums.symbol = contracts.symbol
  and sums.dt = contracts.dt
),
known as (
  select
  * exclude (
    window_valid,
    is_flow_known,
    bid_depth,
    bid_depth_start,
    bid_add,
    bid_pull,
    bid_fill,
    ask_depth,
    ask_depth_start,
    ask_add,
    ask_pull,
    ask_fill
  ),
  window_valid,
  case
  when
  window_valid
  and to_ticks <= 400
  and from_ticks >= -400
  then bid_depth
  end as bid_depth,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then bid_depth_start
  end as bid_depth_start,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then bid_add
  end as bid_add,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then bid_pull
  end as bid_pull,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then bid_fill
  end as bid_fill,
  case
  when
  window_valid
  and to_ticks <= 400
  and from_ticks >= -400
  then ask_depth
  end as ask_depth,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then ask_depth_start
  end as ask_depth_start,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then ask_add
  end as ask_add,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then ask_pull
  end as ask_pull,
  case
  when
  is_flow_known
  and high_to_ticks <= 400
  and low_from_ticks >= -400
  then ask_fill
  end as ask_fill
  from rungs
),
with_usual as (
  select
  known.*,
  coalesce(known.from_price_int < snapshot.best_ask_price_int, true) as can_bid_stand,
  coalesce(known.to_price_int > snapshot.best_bid_price_int, true) as can_ask_stand,
  list_extract(
    usual.bid_usual_depths,
    if(
      -(known.from_ticks + known.rung_ticks - 1) between 2 - known.rung_ticks and 40,
      -(known.from_ticks + known.rung_ticks - 1) + known.rung_ticks,
      1
    )
  ) as bid_usual_depth,
  list_extract(
    usual.ask_usual_depths,
    if(
      known.from_ticks between 2 - known.rung_ticks and 40,
      known.from_ticks + known.rung_ticks,
      1
    )
  ) as ask_usual_depth
  from known
  left join snapshot
  on
  known.symbol = snapshot.symbol
  and known.dt = snapshot.dt
  and known.window_start_ts = snapshot.window_start_ts
  left join usual
  on
  known.symbol = usual.symbol
  and known.dt = usual.dt
  and known.window_start_ts = usual.window_start_ts
),
shares as (
  select
  *,
  bid_add + bid_pull + bid_fill as bid_flow,
  bid_depth / (rung_ticks * (bid_usual_depth + 1)) as bid_wall_ratio,
  bid_depth_start / (rung_ticks * (bid_usual_depth + 1))
  as bid_wall_ratio_start,
  case
  when bid_add + bid_pull + bid_fill >= 20
  then
  (bid_add - bid_pull - bid_fill)
  / nullif(bid_depth_start + bid_add, 0)
  end as bid_net_flow_share,
  ask_add + ask_pull + ask_fill as ask_flow,
  ask_depth / (rung_ticks * (ask_usual_depth + 1)) as ask_wall_ratio,
  ask_depth_start / (rung_ticks * (ask_usual_depth + 1))
  as ask_wall_ratio_start,
  case
  when ask_add + ask_pull + ask_fill >= 20
  then
  (ask_add - ask_pull - ask_fill)
  / nullif(ask_depth_start + ask_add, 0)
  end as ask_net_flow_share
  from with_usual
),
measured as (
  select
  *,
  case
  when bid_flow + ask_flow >= 20
  then
  ln((bid_add + ask_pull + ask_fill + 1) / (ask_add + bid_pull + bid_fill + 1))
  end as long_physics,
  case
  when from_ticks > 0 then ask_wall_ratio
  when to_ticks < 0 then bid_wall_ratio
  when ask_depth >= bid_depth then ask_wall_ratio
  else bid_wall_ratio
  end as wall_ratio,
  case
  when bid_wall_ratio is null or bid_flow is null then null
  when bid_depth + bid_flow = 0 and not can_bid_stand then null
  when bid_wall_ratio_start >= 3 and bid_net_flow_share <= -0.25
  then if(bid_pull > bid_fill, 'wall_pulled', 'wall_eaten')
  when bid_wall_ratio >= 3 then 'wall_holds'
  when bid_wall_ratio <= 0.33 then 'thin'
  when bid_net_flow_share >= 0.25 then 'building'
  when bid_net_flow_share <= -0.25 then if(bid_pull > bid_fill, 'pulled', 'eaten')
  else 'quiet'
  end as bid_state,
  case
  when ask_wall_ratio is null or ask_flow is null then null
  when ask_depth + ask_flow = 0 and not can_ask_stand then null
  when ask_wall_ratio_start >= 3 and ask_net_flow_share <= -0.25
  then if(ask_pull > ask_fill, 'wall_pulled', 'wall_eaten')
  when ask_wall_ratio >= 3 then 'wall_holds'
  when ask_wall_ratio <= 0.33 then 'thin'
  when ask_net_flow_share >= 0.25 then 'building'
  when ask_net_flow_share <= -0.25 then if(ask_pull > ask_fill, 'pulled', 'eaten')
  else 'quiet'
  end as ask_state
  from shares
),
strikes as (
  select
  exposures.symbol,
  exposures.dt,
  exposures.window_start_ts,
  list(struct_pack(
      strike_price_int := exposures.strike_price_int,
      call_physics := option_physics.call_physics,
      put_physics := option_physics.put_physics,
      gex_call_abs := exposures.gex_call_abs,
      gex_put_abs := exposures.gex_put_abs,
      call_net_aggressive_qty := option_physics.call_net_aggressive_qty,
      put_net_aggressive_qty := option_physics.put_net_aggressive_qty,
      call_net_resting_qty := option_physics.call_net_resting_qty,
      put_net_resting_qty := option_physics.put_net_resting_qty
  )) as listed
  from exposures
  left join option_physics
  on
  exposures.symbol = option_physics.symbol
  and exposures.dt = option_physics.dt
  and exposures.window_start_ts = option_physics.window_start_ts
  and exposures.strike_price_int = option_physics.strike_price_int
  group by exposures.symbol, exposures.dt, exposures.window_start_ts
),
with_strikes as (
  select
  measured.*,
  list_min(
    list_transform(
      strikes.listed,
      strike -> struct_pack(
        gap_int := greatest(
          strike.strike_price_int - measured.to_price_int,
          measured.from_price_int - strike.strike_price_int,
          0
        ),
        strike_price_int := strike.strike_price_int,
        strike := strike
      )
    )
  ) as nearest
  from measured
  left join strikes
  on
  measured.symbol = strikes.symbol
  and measured.dt = strikes.dt
  and measured.window_start_ts = strikes.window_start_ts
),
with_strike as (
  select
  *,
  struct_extract(nearest, 'strike_price_int') as strike_price_int,
  struct_extract(nearest, 'strike') as strike,
  if(struct_extract(nearest, 'strike_price_int') < from_price_int, -1, 1)
  * cast(ceil(struct_extract(nearest, 'gap_int') / tick_int) as integer)
  as strike_distance_ticks
  from with_strikes
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
level_id,
level_price_int,
k_ticks,
point_offset,
bid_depth,
ask_depth,
bid_add,
bid_pull,
bid_fill,
ask_add,
ask_pull,
ask_fill,
long_physics,
-long_physics as short_physics,
wall_ratio,
bid_wall_ratio,
ask_wall_ratio,
rung_ticks * bid_usual_depth as bid_usual_depth,
rung_ticks * ask_usual_depth as ask_usual_depth,
bid_net_flow_share,
ask_net_flow_share,
bid_state,
ask_state,
strike_price_int / 1e9 as strike_points,
strike_distance_ticks,
struct_extract(strike, 'call_physics') as call_physics,
struct_extract(strike, 'put_physics') as put_physics,
struct_extract(strike, 'gex_call_abs') as gex_call_abs,
struct_extract(strike, 'gex_put_abs') as gex_put_abs,
struct_extract(strike, 'call_net_aggressive_qty') as call_net_aggressive_qty,
struct_extract(strike, 'put_net_aggressive_qty') as put_net_aggressive_qty,
struct_extract(strike, 'call_net_resting_qty') as call_net_resting_qty,
struct_extract(strike, 'put_net_resting_qty') as put_net_resting_qty,
case
when strike_price_int is not null
then cast(
  count(*) over (
    partition by
    symbol, dt, window_start_ts, window_end_ts, level_id, strike_price_int
  ) as integer
)
end as strike_rungs,
window_valid
from with_strike
