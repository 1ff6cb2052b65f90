with
moments as (
  select * from "steps"."level_event_moments"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt' and window_valid
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
wall as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
trades as (
  select * from "steps"."contract_trades"
  where symbol = '$symbol' and dt = date '$dt'
),
looked_at as (
  select
  event_id,
  window_start_ts as event_start_ts,
  level_tick,
  defending_side,
  unnest(generate_series(
      window_start_ts - interval 5 minute,
      window_start_ts,
      interval 1 second
  )) as window_start_ts
  from moments
),
zones as (
  select distinct
  looked_at.window_start_ts,
  looked_at.level_tick,
  contract_day.tick_int
  from looked_at
  inner join snapshot on looked_at.window_start_ts = snapshot.window_start_ts
  cross join contract_day
  where
  abs(snapshot.spot_ref_price_int - looked_at.level_tick * contract_day.tick_int)
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
),
prices as (
  select
  window_start_ts,
  level_tick,
  (level_tick + unnest(range(-8, 9))) * tick_int
  as price_int
  from zones
),
books as (
  select
  prices.window_start_ts,
  prices.level_tick,
  coalesce(sum(wall.depth_qty_end) filter (wall.side = 'B'), 0)
  as bid_depth,
  coalesce(
    sum(wall.add_qty - wall.pull_qty_total - wall.fill_qty)
    filter (wall.side = 'B'),
    0
  ) as bid_flow,
  coalesce(sum(wall.depth_qty_end) filter (wall.side = 'A'), 0)
  as ask_depth,
  coalesce(
    sum(wall.add_qty - wall.pull_qty_total - wall.fill_qty)
    filter (wall.side = 'A'),
    0
  ) as ask_flow
  from prices
  left join wall
  on
  prices.window_start_ts = wall.window_start_ts
  and prices.price_int = wall.price_int
  group by prices.window_start_ts, prices.level_tick
),
quotes as (
  select
  window_start_ts,
  window_end_ts,
  best_bid_price_int,
  best_bid_qty,
  best_ask_price_int,
  best_ask_qty
  from snapshot
  where best_bid_qty is not null and best_ask_qty is not null
),
quote_flows as (
  select
  now.window_start_ts,
  if(now.best_bid_price_int >= earlier.best_bid_price_int, now.best_bid_qty, 0)
  - if(now.best_bid_price_int <= earlier.best_bid_price_int, earlier.best_bid_qty, 0)
  - if(now.best_ask_price_int <= earlier.best_ask_price_int, now.best_ask_qty, 0)
  + if(now.best_ask_price_int >= earlier.best_ask_price_int, earlier.best_ask_qty, 0)
  as quote_flow
  from quotes as now
  inner join quotes as earlier on now.window_start_ts = earlier.window_end_ts
),
trade_flows as (
  select
  window_start_ts,
  sum(case side when 'B' then size when 'A' then -size end) as trade_flow
  from trades
  group by window_start_ts
),
seconds as (
  select
  looked_at.event_id,
  looked_at.event_start_ts,
  looked_at.window_start_ts,
  quote_flows.quote_flow,
  trade_flows.trade_flow,
  books.bid_flow - books.ask_flow as zone_flow,
  case looked_at.defending_side
  when 'A' then books.ask_depth
  when 'B' then books.bid_depth
  end as zone_depth
  from looked_at
  left join books
  on
  looked_at.window_start_ts = books.window_start_ts
  and looked_at.level_tick = books.level_tick
  left join quote_flows on looked_at.window_start_ts = quote_flows.window_start_ts
  left join trade_flows on looked_at.window_start_ts = trade_flows.window_start_ts
),
windows as (
  select
  event_id,
  max(zone_depth)
  filter (window_start_ts = event_start_ts - interval 1 minute)
  as zone_depth_1min_ago,
  max(zone_depth)
  filter (window_start_ts = event_start_ts - interval 3 minute)
  as zone_depth_3min_ago,
  max(zone_depth)
  filter (window_start_ts = event_start_ts - interval 5 minute)
  as zone_depth_5min_ago,
  case
  when
  count(quote_flow) filter (window_start_ts > event_start_ts - interval 30 second) / 30
  >= 0.9
  then cast(sum(quote_flow) filter (window_start_ts > event_start_ts - interval 30 second) as double)
  end as ofi_30s,
  case
  when
  count(quote_flow) filter (window_start_ts > event_start_ts - interval 60 second) / 60
  >= 0.9
  then cast(sum(quote_flow) filter (window_start_ts > event_start_ts - interval 60 second) as double)
  end as ofi_60s,
  case
  when
  count(quote_flow) filter (window_start_ts > event_start_ts - interval 120 second) / 120
  >= 0.9
  then cast(sum(quote_flow) filter (window_start_ts > event_start_ts - interval 120 second) as double)
  end as ofi_120s,
  case
  when
  count(quote_flow) filter (window_start_ts > event_start_ts - interval 300 second) / 300
  >= 0.9
  then cast(sum(quote_flow) filter (window_start_ts > event_start_ts - interval 300 second) as double)
  end as ofi_300s,
  case
  when
  count(zone_flow) filter (window_start_ts > event_start_ts - interval 30 second) / 30
  >= 0.9
  then cast(sum(zone_flow) filter (window_start_ts > event_start_ts - interval 30 second) as double)
  end as ofi_near_level_30s,
  case
  when
  count(zone_flow) filter (window_start_ts > event_start_ts - interval 60 second) / 60
  >= 0.9
  then cast(sum(zone_flow) filter (window_start_ts > event_start_ts - interval 60 second) as double)
  end as ofi_near_level_60s,
  case
  when
  count(zone_flow) filter (window_start_ts > event_start_ts - interval 120 second) / 120
  >= 0.9
  then cast(sum(zone_flow) filter (window_start_ts > event_start_ts - interval 120 second) as double)
  end as ofi_near_level_120s,
  case
  when
  count(zone_flow) filter (window_start_ts > event_start_ts - interval 300 second) / 300
  >= 0.9
  then cast(sum(zone_flow) filter (window_start_ts > event_start_ts - interval 300 second) as double)
  end as ofi_near_level_300s,
  coalesce(sum(trade_flow) filter (window_start_ts > event_start_ts - interval 60 second), 0) / 60
  as force_qty_s,
  case
  when
  count(zone_depth) filter (window_start_ts > event_start_ts - interval 60 second) / 60
  >= 0.9
  then sum(zone_depth) filter (window_start_ts > event_start_ts - interval 60 second)
  / count(zone_depth) filter (window_start_ts > event_start_ts - interval 60 second)
  end as mean_zone_depth
  from seconds
  group by event_id
)
select
moments.event_id,
moments.symbol,
moments.dt,
cast(windows.zone_depth_1min_ago as bigint)
as zone_depth_1min_ago,
cast(windows.zone_depth_3min_ago as bigint)
as zone_depth_3min_ago,
cast(windows.zone_depth_5min_ago as bigint)
as zone_depth_5min_ago,
windows.ofi_30s,
windows.ofi_60s,
windows.ofi_120s,
windows.ofi_300s,
windows.ofi_near_level_30s,
windows.ofi_near_level_60s,
windows.ofi_near_level_120s,
windows.ofi_near_level_300s,
moments.direction_sign * windows.force_qty_s / (windows.mean_zone_depth + 1)
as force_mass_ratio
from moments
inner join windows on moments.event_id = windows.event_id
order by moments.event_id
