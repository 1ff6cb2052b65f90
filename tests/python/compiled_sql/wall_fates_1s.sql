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
  select
  walls.window_end_ts as moment_ts,
  walls.side,
  walls.price_int,
  walls.started_ts,
  walls.age_s,
  walls.distance_ticks,
  walls.depth_qty,
  walls.wall_ratio,
  walls.ratio_from,
  walls.age_from_s,
  walls.distance_from_ticks,
  cast(null as timestamp) as reached_ts,
  cast(null as bigint) as filled_qty,
  cast(null as bigint) as pulled_qty
  from walls
  anti join fates_before
  on
  walls.side = fates_before.side
  and walls.price_int = fates_before.price_int
  and walls.started_ts = fates_before.started_ts
  and walls.ratio_from = fates_before.ratio_from
  and walls.age_from_s = fates_before.age_from_s
  and walls.distance_from_ticks = fates_before.distance_from_ticks
  where
  walls.distance_ticks > 2
  and walls.ratio_from is not null
  and walls.age_from_s is not null
  and walls.distance_from_ticks is not null
  qualify row_number() over (
    partition by walls.side, walls.price_int, walls.started_ts, walls.ratio_from, walls.age_from_s, walls.distance_from_ticks
    order by walls.window_end_ts
  ) = 1
),
followed as (
  select * from moments
  union all
  select * exclude (outcome) from fates_before
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
  followed.moment_ts,
  followed.side,
  followed.price_int,
  min(wall_surface.window_start_ts) as gone_ts
  from followed
  inner join wall_surface
  on
  followed.side = wall_surface.side
  and followed.price_int = wall_surface.price_int
  and followed.moment_ts <= wall_surface.window_start_ts
  where wall_surface.depth_qty_end < 0.5 * followed.depth_qty
  group by all
),
paths as (
  select
  followed.moment_ts,
  followed.side,
  followed.price_int,
  followed.reached_ts as reached_before_ts,
  seconds.window_start_ts,
  seconds.window_end_ts,
  not seconds.is_known
  or coalesce(seconds.gap_end_ts > followed.moment_ts, false)
  or coalesce(
    abs(seconds.spot_ref_price_int - followed.price_int)
    > 400 * contract_day.tick_int,
    true
  ) as is_unseen,
  coalesce(seconds.window_start_ts = losses.gone_ts, false) as is_gone,
  if(
    followed.side = 'A',
    followed.price_int - seconds.high_price_int,
    seconds.low_price_int - followed.price_int
  ) <= 2 * contract_day.tick_int as is_near,
  if(
    followed.side = 'A',
    followed.price_int - seconds.low_price_int,
    seconds.high_price_int - followed.price_int
  ) >= 8 * contract_day.tick_int as is_away
  from followed
  cross join contract_day
  asof left join unknown on followed.moment_ts <= unknown.window_start_ts
  left join losses
  on
  followed.moment_ts = losses.moment_ts
  and followed.side = losses.side
  and followed.price_int = losses.price_int
  inner join seconds
  on
  followed.moment_ts <= seconds.window_start_ts
  and coalesce(
    least(unknown.window_start_ts, losses.gone_ts), timestamp 'infinity'
  ) >= seconds.window_start_ts
),
reached as (
  select
  *,
  coalesce(
    reached_before_ts,
    min(window_start_ts) filter (is_near and not is_unseen) over (
      partition by moment_ts, side, price_int
      order by window_start_ts
    )
  ) as reached_ts
  from paths
),
ends as (
  select
  *,
  coalesce(is_unseen or is_gone or (is_away and reached_ts < window_start_ts), false)
  as is_over
  from reached
),
changes as (
  select *
  from ends
  where is_over or reached_ts is not null
  qualify
  coalesce(
    window_start_ts
    <= min(window_start_ts) filter (is_over) over (partition by moment_ts, side, price_int),
    true
  )
),
flows as (
  select
  changes.*,
  sum(coalesce(wall_surface.fill_qty, 0)) over so_far as filled_qty,
  sum(coalesce(wall_surface.pull_qty_total, 0)) over so_far as pulled_qty
  from changes
  left join wall_surface
  on
  changes.window_start_ts = wall_surface.window_start_ts
  and changes.side = wall_surface.side
  and changes.price_int = wall_surface.price_int
  window so_far as (
    partition by changes.moment_ts, changes.side, changes.price_int
    order by changes.window_start_ts
  )
),
taken as (
  select
  followed.* exclude (reached_ts, filled_qty, pulled_qty),
  flows.window_end_ts,
  flows.reached_ts,
  flows.is_unseen,
  flows.is_gone,
  flows.is_over,
  case
  when flows.reached_ts is not null
  then coalesce(followed.filled_qty, 0) + flows.filled_qty
  end as filled_qty,
  case
  when flows.reached_ts is not null
  then coalesce(followed.pulled_qty, 0) + flows.pulled_qty
  end as pulled_qty
  from followed
  inner join flows
  on
  followed.moment_ts = flows.moment_ts
  and followed.side = flows.side
  and followed.price_int = flows.price_int
),
fates as (
  select
  *,
  moment_ts as window_end_ts,
  null as outcome
  from moments
  union all by name
  select
  * exclude (is_unseen, is_gone, is_over),
  case
  when not is_over then null
  when is_unseen then 'censored'
  when not is_gone then 'held'
  when reached_ts is null then 'pulled'
  when filled_qty >= pulled_qty then 'eaten'
  else 'pulled_late'
  end as outcome
  from taken
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
