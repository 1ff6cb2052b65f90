with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
recording_gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
walls as (
  select * from "silver"."walls_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
wall_surface as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_trades as (
  select * from "steps"."contract_trades"
  where symbol = '$symbol' and dt = date '$dt' and price_int is not null
),
fates_before as (
  select
  cast(null as timestamp) as moment_ts,
  cast(null as varchar) as side,
  cast(null as bigint) as price_int,
  cast(null as timestamp) as started_ts,
  cast(null as integer) as age_s,
  cast(null as integer) as distance_ticks,
  cast(null as bigint) as depth_qty,
  cast(null as double) as wall_ratio,
  cast(null as double) as ratio_from,
  cast(null as integer) as age_from_s,
  cast(null as integer) as distance_from_ticks,
  cast(null as timestamp) as reached_ts,
  cast(null as bigint) as filled_qty,
  cast(null as bigint) as pulled_qty,
  cast(null as varchar) as outcome
  from range(0) as own_rows
),
moments as (
  select * from fates_before
  union all by name
  select
  window_end_ts as moment_ts,
  side,
  price_int,
  started_ts,
  age_s,
  distance_ticks,
  depth_qty,
  wall_ratio,
  ratio_from, age_from_s, distance_from_ticks
  from walls
  where
  distance_ticks > 2
  and ratio_from is not null
  and age_from_s is not null
  and distance_from_ticks is not null
),
firsts as (
  select distinct on (side, price_int, started_ts, ratio_from, age_from_s, distance_from_ticks) *
  from moments
  order by moment_ts
),
followed as (
  select * exclude (outcome)
  from firsts
  where outcome is null
),
gaps_known as (
  select
  make_timestamp(epoch_ns(known_at_ts) // 1000000000 * 1000000) as window_start_ts,
  max(gap_end_ts) as gap_end_ts
  from recording_gaps
  group by all
),
traded as (
  select
  window_start_ts,
  min(price_int) as low_price_int,
  max(price_int) as high_price_int
  from contract_trades
  group by window_start_ts
),
seconds as (
  select
  snapshot.window_start_ts,
  snapshot.window_end_ts,
  snapshot.spot_ref_price_int,
  snapshot.window_valid
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
  as is_known,
  contract_day.tick_int,
  gaps_known.gap_end_ts,
  traded.low_price_int,
  traded.high_price_int
  from snapshot
  cross join contract_day
  left join gaps_known on snapshot.window_start_ts = gaps_known.window_start_ts
  left join traded on snapshot.window_start_ts = traded.window_start_ts
),
unknown as (
  select window_start_ts from seconds
  where not is_known
),
losses as (
  select
  followed.*,
  min(wall_surface.window_start_ts) as gone_ts
  from followed
  left join wall_surface
  on
  followed.side = wall_surface.side
  and followed.price_int = wall_surface.price_int
  and followed.moment_ts <= wall_surface.window_start_ts
  and wall_surface.depth_qty_end < 0.5 * followed.depth_qty
  group by all
),
paths as (
  select
  losses.*,
  seconds.window_start_ts,
  seconds.window_end_ts,
  not seconds.is_known
  or coalesce(seconds.gap_end_ts > losses.moment_ts, false)
  or coalesce(
    abs(seconds.spot_ref_price_int - losses.price_int)
    > 400 * seconds.tick_int,
    true
  ) as is_unseen,
  if(
    losses.side = 'A',
    losses.price_int - seconds.high_price_int,
    seconds.low_price_int - losses.price_int
  ) <= 2 * seconds.tick_int as is_near,
  if(
    losses.side = 'A',
    losses.price_int - seconds.low_price_int,
    seconds.high_price_int - losses.price_int
  ) >= 8 * seconds.tick_int as is_away
  from losses
  asof left join unknown on losses.moment_ts <= unknown.window_start_ts
  inner join seconds
  on
  losses.moment_ts <= seconds.window_start_ts
  and coalesce(
    least(unknown.window_start_ts, losses.gone_ts), timestamp 'infinity'
  ) >= seconds.window_start_ts
),
arrivals as (
  select
  moment_ts, side, price_int,
  coalesce(
    any_value(reached_ts), min(window_start_ts) filter (is_near and not is_unseen)
  ) as came_ts
  from paths
  group by moment_ts, side, price_int
),
judged as (
  select
  paths.*,
  arrivals.came_ts,
  case
  when paths.is_unseen then 'unseen'
  when paths.window_start_ts = paths.gone_ts then 'gone'
  when paths.is_away and paths.window_start_ts > arrivals.came_ts then 'turned'
  end as ended_by
  from paths
  inner join arrivals
  on
  paths.moment_ts = arrivals.moment_ts
  and paths.side = arrivals.side
  and paths.price_int = arrivals.price_int
  where arrivals.came_ts <= paths.window_start_ts or ended_by is not null
),
changes as (
  select
  judged.* exclude (reached_ts, filled_qty, pulled_qty),
  coalesce(judged.filled_qty, 0) + sum(coalesce(wall_surface.fill_qty, 0)) filter (
    judged.came_ts <= judged.window_start_ts
  ) over so_far as filled_qty,
  coalesce(judged.pulled_qty, 0) + sum(coalesce(wall_surface.pull_qty_total, 0)) filter (
    judged.came_ts <= judged.window_start_ts
  ) over so_far as pulled_qty,
  case when judged.came_ts <= judged.window_start_ts then judged.came_ts end as reached_ts,
  count(judged.ended_by) over so_far as n_ends
  from judged
  left join wall_surface
  on
  judged.window_start_ts = wall_surface.window_start_ts
  and judged.side = wall_surface.side
  and judged.price_int = wall_surface.price_int
  window so_far as (
    partition by judged.moment_ts, judged.side, judged.price_int
    order by judged.window_start_ts
  )
),
fates as (
  select
  *,
  moment_ts as window_end_ts,
  null as outcome
  from followed
  union all by name
  select
  *,
  case
  when ended_by is null then null
  when ended_by = 'unseen' then 'censored'
  when ended_by = 'turned' then 'held'
  when reached_ts is null then 'pulled'
  when filled_qty >= pulled_qty then 'eaten'
  else 'pulled_late'
  end as outcome
  from changes
  where n_ends = if(ended_by is null, 0, 1)
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_end_ts,
moment_ts,
side,
price_int,
started_ts,
age_s,
distance_ticks,
depth_qty,
wall_ratio,
ratio_from,
age_from_s,
distance_from_ticks,
reached_ts,
cast(filled_qty as bigint) as filled_qty,
cast(pulled_qty as bigint) as pulled_qty,
cast(outcome as varchar) as outcome
from fates
order by window_end_ts, side, price_int, moment_ts
