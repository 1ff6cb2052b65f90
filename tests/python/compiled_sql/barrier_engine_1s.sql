with
levels as (
  select * from "steps"."engine_levels_1s"
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
wall as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
looked_at as (
  select distinct
  level_tick, defending_side,
  window_start_ts - to_seconds(unnest(range(seconds_back))) as window_start_ts
  from (
    select
    *,
    if(
      lag(window_start_ts) over seconds = window_start_ts - interval 1 second,
      1,
      300
    ) as seconds_back
    from (select distinct level_tick, defending_side, window_start_ts from levels)
    where level_tick is not null and defending_side is not null
    window seconds as (partition by level_tick, defending_side order by window_start_ts)
  )
),
seconds as (
  select
  looked_at.window_start_ts,
  looked_at.level_tick,
  looked_at.defending_side,
  looked_at.level_tick * contract_day.tick_int as level_price_int,
  8 * contract_day.tick_int as reach_int,
  snapshot.window_valid
  and abs(snapshot.spot_ref_price_int - looked_at.level_tick * contract_day.tick_int)
  <= 392 * contract_day.tick_int
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
  as is_known
  from looked_at
  inner join snapshot on looked_at.window_start_ts = snapshot.window_start_ts
  cross join contract_day
),
zones as (
  select
  seconds.window_start_ts,
  seconds.level_tick,
  seconds.defending_side,
  cast(sum(wall.add_qty) as bigint) as added,
  cast(sum(wall.pull_qty_total) as bigint) as canceled,
  cast(sum(wall.fill_qty) as bigint) as filled,
  cast(sum(wall.depth_qty_end) as bigint) as depth_in_zone
  from seconds
  inner join wall
  on
  seconds.window_start_ts = wall.window_start_ts
  and seconds.defending_side = wall.side
  and wall.price_int between seconds.level_price_int - seconds.reach_int
  and seconds.level_price_int + seconds.reach_int
  group by seconds.window_start_ts, seconds.level_tick, seconds.defending_side
),
filled_up as (
  select
  seconds.window_start_ts,
  seconds.level_tick,
  seconds.defending_side,
  case when seconds.is_known then coalesce(zones.added, 0) end
  as added,
  case when seconds.is_known then coalesce(zones.canceled, 0) end
  as canceled,
  case when seconds.is_known then coalesce(zones.filled, 0) end
  as filled,
  case when seconds.is_known then coalesce(zones.depth_in_zone, 0) end
  as depth_in_zone
  from seconds
  left join zones
  on
  seconds.window_start_ts = zones.window_start_ts
  and seconds.level_tick = zones.level_tick
  and seconds.defending_side = zones.defending_side
),
sums as (
  select
  window_start_ts,
  level_tick,
  defending_side,
  depth_in_zone,
  sum(depth_in_zone) over depth_window as depth_sum,
  count(depth_in_zone) over depth_window as depth_known_s,
  cast(sum(added) over flow_window as bigint) as added,
  cast(sum(canceled) over flow_window as bigint) as canceled,
  cast(sum(filled) over flow_window as bigint) as filled,
  count(added) over flow_window as flow_known_s
  from filled_up
  window
  flow_window as (
    partition by level_tick, defending_side
    order by window_start_ts
    range between interval 239 second preceding and current row
  ),
  depth_window as (
    partition by level_tick, defending_side
    order by window_start_ts
    range between interval 299 second preceding and current row
  )
),
known as (
  select
  window_start_ts,
  level_tick,
  defending_side,
  depth_in_zone,
  case
  when depth_known_s >= 270.0
  then depth_in_zone / nullif(depth_sum / depth_known_s, 0)
  end as wall_ratio,
  case when flow_known_s >= 216.0 then added end
  as added,
  case when flow_known_s >= 216.0 then canceled end
  as canceled,
  case when flow_known_s >= 216.0 then filled end
  as filled
  from sums
),
readings as (
  select
  levels.*,
  known.depth_in_zone,
  known.wall_ratio,
  known.added,
  known.canceled,
  known.filled,
  known.added - known.canceled - known.filled as delta_liq,
  known.added / (known.canceled + known.filled + 1e-6) as replenishment_ratio,
  known.added + known.canceled + known.filled as churn,
  case
  when levels.window_valid
  then case levels.defending_side
  when 'A' then snapshot.best_ask_price_int
  when 'B' then snapshot.best_bid_price_int
  end
  end as best_price_int,
  case
  when levels.window_valid
  then case levels.defending_side
  when 'A' then snapshot.best_ask_qty
  when 'B' then snapshot.best_bid_qty
  end
  end as best_qty
  from levels
  inner join snapshot on levels.window_start_ts = snapshot.window_start_ts
  left join known
  on
  levels.window_start_ts = known.window_start_ts
  and levels.level_tick = known.level_tick
  and levels.defending_side = known.defending_side
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
level_id,
level_price_int,
k_ticks,
direction,
break_direction,
in_monitor_band,
case
when depth_in_zone is null or churn is null then null
when
replenishment_ratio < 0.3 and delta_liq < -100
then 'VACUUM'
when replenishment_ratio > 1.5 and delta_liq > 100
then 'WALL'
when delta_liq < -100 and filled > canceled then 'CONSUMED'
when
delta_liq > 0
and replenishment_ratio > 1
and filled >= 50
and filled >= 0.25 * (canceled + filled)
then 'ABSORPTION'
when depth_in_zone < 50 then 'WEAK'
when
abs(delta_liq) < 50
and churn > 100
then 'ABSORPTION'
else 'NEUTRAL'
end as state,
delta_liq,
replenishment_ratio,
added,
canceled,
filled,
churn,
depth_in_zone,
wall_ratio,
best_price_int as defending_quote_price_int,
best_qty as defending_quote_size,
case when churn is not null then least(1, churn / 500) end
as confidence
from readings
order by level_id, window_end_ts
