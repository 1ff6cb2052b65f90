with
level_anchors as (
  select * from "steps"."level_anchors_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
instruments as (
  select * from "reference"."instruments"
),
wall as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
reprices as (
  select * from "silver"."reprice_flow_1s"
  where symbol = '$symbol' and dt = date '$dt' and qty_rest > 0
),
level_ticks as (
  select distinct
  window_start_ts,
  level_tick
  from level_anchors
),
first_seconds as (
  select
  level_tick,
  window_start_ts,
  coalesce(
    lag(window_start_ts) over seconds != window_start_ts - interval 1 second, true
  ) as is_first
  from level_ticks
  window seconds as (partition by level_tick order by window_start_ts)
),
all_ticks as (
  select
  window_start_ts,
  level_tick
  from level_ticks
  union
  select
  window_start_ts - to_seconds(unnest(range(1, 5))) as window_start_ts,
  level_tick
  from first_seconds
  where is_first
),
anchors as (
  select
  all_ticks.window_start_ts,
  all_ticks.level_tick,
  snapshot.window_valid,
  contract_day.tick_int,
  cast(
    round(
      coalesce(instruments.ladder_step, 1)
      / instruments.tick_size
    ) as integer
  ) as rung_ticks,
  cast(
    all_ticks.level_tick - snapshot.spot_ref_price_int // contract_day.tick_int as integer
  ) as k_ticks,
  snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick
  from all_ticks
  inner join snapshot on all_ticks.window_start_ts = snapshot.window_start_ts
  cross join contract_day
  inner join instruments on contract_day.root = instruments.root
  where
  abs(snapshot.spot_ref_price_int - all_ticks.level_tick * contract_day.tick_int)
  <= 380 * contract_day.tick_int
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> snapshot.window_start_ts >= part.start_ts
        and snapshot.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
seconds as (
  select
  window_start_ts,
  any_value(spot_tick) as spot_tick,
  any_value(tick_int) as tick_int,
  any_value(window_valid) as window_valid,
  any_value(rung_ticks) as rung_ticks,
  list(level_tick order by level_tick) as level_ticks,
  list(k_ticks order by level_tick) as k_ticks,
  least(
    min(k_ticks) - 5 * any_value(rung_ticks) + 1,
    least(min(k_ticks), 0) - 20
  ) as from_ticks,
  greatest(
    max(k_ticks) + 5 * any_value(rung_ticks) - 1,
    greatest(max(k_ticks), 0) + 20
  ) as to_ticks
  from anchors
  group by window_start_ts
),
reach as (
  select unnest(range(min(from_ticks), max(to_ticks) + 1)) as rel_ticks
  from seconds
),
close_to_spot as (
  select
  wall.window_start_ts,
  list(struct_pack(
      side_no := if(wall.side = 'A', 0, 1),
      height_ticks := if(wall.side = 'A', wall.rel_ticks, -wall.rel_ticks),
      depth_qty_start := cast(wall.depth_qty_start as integer),
      depth_qty_end := cast(wall.depth_qty_end as integer),
      add_qty := cast(wall.add_qty as integer),
      pull_qty_total := cast(wall.pull_qty_total as integer),
      pull_qty_rest := cast(wall.pull_qty_rest as integer),
      fill_qty := cast(wall.fill_qty as integer)
  )) as cells
  from wall
  inner join seconds
  on
  wall.window_start_ts = seconds.window_start_ts
  and if(
    wall.side = 'A',
    wall.rel_ticks <= seconds.to_ticks,
    wall.rel_ticks >= seconds.from_ticks
  )
  where wall.rel_ticks in (select reach.rel_ticks from reach)
  group by wall.window_start_ts
),
moved as (
  select
  reprices.window_start_ts,
  list(struct_pack(
      side_no := if(reprices.side = 'A', 0, 1),
      height_ticks := cast(
        if(reprices.side = 'A', 1, -1)
        * (reprices.price_from_int // seconds.tick_int - seconds.spot_tick) as integer
      ),
      is_away := cast(
        (reprices.price_to_int > reprices.price_from_int) = (reprices.side = 'A') as integer
      ),
      qty_rest := cast(reprices.qty_rest as integer)
  )) as moves
  from reprices
  inner join seconds
  on
  reprices.window_start_ts = seconds.window_start_ts
  and reprices.price_from_int // seconds.tick_int - seconds.spot_tick
  between seconds.from_ticks and seconds.to_ticks
  group by reprices.window_start_ts
),
sums as (
  select
  seconds.window_start_ts,
  seconds.window_valid,
  unnest(seconds.level_ticks) as level_tick,
  unnest(seconds.k_ticks) as k_ticks,
  unnest(
    level_book(
      coalesce(close_to_spot.cells, []),
      coalesce(moved.moves, []),
      seconds.k_ticks,
      [[0, 2], [3, 5], [6, 14], [15, 20]],
      struct_pack(
        rungs := 4, rung_ticks := seconds.rung_ticks
      )
    ),
    max_depth := 2
  )
  from seconds
  left join close_to_spot on seconds.window_start_ts = close_to_spot.window_start_ts
  left join moved on seconds.window_start_ts = moved.window_start_ts
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
level_tick,
k_ticks,
window_valid,
cast(ask_depth_start as integer) as ask_depth_start,
cast(ask_depth_end as integer) as ask_depth_end,
cast(ask_distance_qty_start as integer) as ask_distance_qty_start,
cast(ask_distance_qty_end as integer) as ask_distance_qty_end,
cast(ask_depth_at_start as integer) as ask_depth_at_start,
cast(ask_depth_near_start as integer) as ask_depth_near_start,
cast(ask_depth_at_end as integer) as ask_depth_at_end,
cast(ask_depth_near_end as integer) as ask_depth_near_end,
cast(ask_depth_far_end as integer) as ask_depth_far_end,
cast(ask_add as integer) as ask_add,
cast(ask_pull as integer) as ask_pull,
cast(ask_pull_all as integer) as ask_pull_all,
cast(ask_pull_at as integer) as ask_pull_at,
cast(ask_pull_near as integer) as ask_pull_near,
cast(ask_pull_mid as integer) as ask_pull_mid,
cast(ask_pull_far as integer) as ask_pull_far,
cast(if(ask_best_ticks >= 0, ask_best_ticks, null) as integer)
as ask_best_ticks,
cast(ask_away as integer) as ask_away,
cast(ask_toward as integer) as ask_toward,
cast(ask_fill as integer) as ask_fill,
cast(ask_max_depth as integer) as ask_max_depth,
cast(ask_max_depth_ticks as integer) as ask_max_depth_ticks,
cast(bid_depth_start as integer) as bid_depth_start,
cast(bid_depth_end as integer) as bid_depth_end,
cast(bid_distance_qty_start as integer) as bid_distance_qty_start,
cast(bid_distance_qty_end as integer) as bid_distance_qty_end,
cast(bid_depth_at_start as integer) as bid_depth_at_start,
cast(bid_depth_near_start as integer) as bid_depth_near_start,
cast(bid_depth_at_end as integer) as bid_depth_at_end,
cast(bid_depth_near_end as integer) as bid_depth_near_end,
cast(bid_depth_far_end as integer) as bid_depth_far_end,
cast(bid_add as integer) as bid_add,
cast(bid_pull as integer) as bid_pull,
cast(bid_pull_all as integer) as bid_pull_all,
cast(bid_pull_at as integer) as bid_pull_at,
cast(bid_pull_near as integer) as bid_pull_near,
cast(bid_pull_mid as integer) as bid_pull_mid,
cast(bid_pull_far as integer) as bid_pull_far,
cast(if(bid_best_ticks >= 0, bid_best_ticks, null) as integer)
as bid_best_ticks,
cast(bid_away as integer) as bid_away,
cast(bid_toward as integer) as bid_toward,
cast(bid_fill as integer) as bid_fill,
cast(bid_max_depth as integer) as bid_max_depth,
cast(bid_max_depth_ticks as integer) as bid_max_depth_ticks,
cast(corridor_depth as integer) as corridor_depth,
cast(corridor_add as integer) as corridor_add,
cast(corridor_pull as integer) as corridor_pull,
cast(corridor_fill as integer) as corridor_fill,
cast(ask_spot_depth as integer) as ask_spot_depth,
cast(ask_spot_add as integer) as ask_spot_add,
cast(ask_spot_pull as integer) as ask_spot_pull,
cast(bid_spot_depth as integer) as bid_spot_depth,
cast(bid_spot_add as integer) as bid_spot_add,
cast(bid_spot_pull as integer) as bid_spot_pull,
cast(ask_rung_depth_start as integer[])
as ask_rung_depth_start,
cast(ask_rung_depth_end as integer[])
as ask_rung_depth_end,
cast(ask_rung_add as integer[])
as ask_rung_add,
cast(ask_rung_pull as integer[])
as ask_rung_pull,
cast(ask_rung_fill as integer[])
as ask_rung_fill,
cast(bid_rung_depth_start as integer[])
as bid_rung_depth_start,
cast(bid_rung_depth_end as integer[])
as bid_rung_depth_end,
cast(bid_rung_add as integer[])
as bid_rung_add,
cast(bid_rung_pull as integer[])
as bid_rung_pull,
cast(bid_rung_fill as integer[])
as bid_rung_fill,
cast(ask_beyond_depths as integer[])
as ask_beyond_depths,
cast(bid_beyond_depths as integer[])
as bid_beyond_depths
from sums
order by level_tick, window_start_ts
