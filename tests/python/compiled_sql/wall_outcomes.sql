with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select seconds.*
  from "silver"."book_snapshot_1s" as seconds
  cross join contract_day
  where
  seconds.symbol = '$symbol' and seconds.dt = date '$dt'
  and seconds.window_valid
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> seconds.window_start_ts >= part.start_ts
        and seconds.window_start_ts < part.end_ts
      )
    ) > 0
  )
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
moments as (
  select
  *,
  row_number() over (order by window_end_ts, side, price_int) as moment_no
  from walls
  where
  distance_ticks > 2
  and ratio_from is not null
  and age_from_s is not null
  and distance_from_ticks is not null
  qualify row_number() over (
    partition by side, price_int, started_ts, ratio_from, age_from_s, distance_from_ticks
    order by window_end_ts
  ) = 1
),
path_ends as (
  select
  moments.moment_ts,
  least(
    coalesce(of_seconds.path_end_s, moments.moment_s), of_gaps.earliest.path_end_s
  ) as path_end_s,
  case
  when of_gaps.earliest.path_end_s < coalesce(of_seconds.path_end_s, moments.moment_s)
  then of_gaps.earliest.known_s
  end as gap_known_s
  from (
    select distinct
    window_end_ts as moment_ts,
    cast(epoch(window_end_ts) as bigint) as moment_s
    from moments
  ) as moments
  left join (
    select
    second_s,
    min(end_s) over (order by second_s desc) as path_end_s
    from (
      select
      cast(epoch(window_start_ts) as bigint) as second_s,
      case
      when invalid_flags & 23 != 0 then second_s
      when
      coalesce(
        lead(window_start_ts) over (order by window_start_ts)
        != window_start_ts + interval 1 second,
        true
      )
      then second_s + 1
      end as end_s
      from snapshot
    )
  ) as of_seconds on moments.moment_s = of_seconds.second_s
  left join (
    select
    moments.window_end_ts as moment_ts,
    min(struct_pack(
        path_end_s := greatest(
          cast(epoch(moments.window_end_ts) as bigint),
          epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
        ),
        known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
    )) as earliest
    from moments
    inner join recording_gaps
    on moments.window_end_ts < recording_gaps.gap_end_ts
    group by moments.window_end_ts
  ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
),
traded as (
  select
  window_start_ts,
  min(price_int) as low_price_int,
  max(price_int) as high_price_int
  from contract_trades
  group by window_start_ts
),
paths as (
  select
  moments.moment_no,
  cast(epoch(snapshot.window_start_ts) as bigint) as second_s,
  if(
    moments.side = 'A',
    moments.price_int - traded.high_price_int,
    traded.low_price_int - moments.price_int
  ) as nearest_int,
  if(
    moments.side = 'A',
    moments.price_int - traded.low_price_int,
    traded.high_price_int - moments.price_int
  ) as furthest_int,
  abs(snapshot.spot_ref_price_int - moments.price_int) as from_spot_int
  from moments
  inner join path_ends on moments.window_end_ts = path_ends.moment_ts
  inner join snapshot
  on
  moments.window_end_ts <= snapshot.window_start_ts
  and path_ends.path_end_s > epoch(snapshot.window_start_ts)
  left join traded on snapshot.window_start_ts = traded.window_start_ts
),
arrivals as (
  select
  paths.moment_no,
  min(paths.second_s) filter (paths.nearest_int <= 2 * contract_day.tick_int) as reached_s,
  min(paths.second_s) filter (
    paths.from_spot_int is null
    or paths.from_spot_int > 400 * contract_day.tick_int
  ) as hidden_s
  from paths
  cross join contract_day
  group by paths.moment_no
),
turns as (
  select
  paths.moment_no,
  min(paths.second_s) as turned_s
  from paths
  inner join arrivals on paths.moment_no = arrivals.moment_no
  cross join contract_day
  where
  paths.second_s > arrivals.reached_s
  and paths.furthest_int >= 8 * contract_day.tick_int
  group by paths.moment_no
),
followed as (
  select
  moments.*,
  path_ends.gap_known_s,
  path_ends.path_end_s,
  least(path_ends.path_end_s, arrivals.hidden_s) as end_s,
  arrivals.reached_s,
  turns.turned_s
  from moments
  inner join path_ends on moments.window_end_ts = path_ends.moment_ts
  left join arrivals on moments.moment_no = arrivals.moment_no
  left join turns on moments.moment_no = turns.moment_no
),
losses as (
  select
  followed.moment_no,
  min(epoch(wall_surface.window_start_ts)) as gone_s
  from followed
  inner join wall_surface
  on
  followed.side = wall_surface.side
  and followed.price_int = wall_surface.price_int
  and followed.window_end_ts <= wall_surface.window_start_ts
  where
  epoch(wall_surface.window_start_ts) < followed.end_s
  and wall_surface.depth_qty_end < 0.5 * followed.depth_qty
  group by followed.moment_no
),
takers as (
  select
  followed.moment_no,
  sum(wall_surface.fill_qty) as filled_qty,
  sum(wall_surface.pull_qty_total) as pulled_qty
  from followed
  inner join losses on followed.moment_no = losses.moment_no
  inner join wall_surface
  on
  followed.side = wall_surface.side
  and followed.price_int = wall_surface.price_int
  where
  epoch(wall_surface.window_start_ts) between followed.reached_s and losses.gone_s
  group by followed.moment_no
),
seen as (
  select
  followed.*,
  losses.gone_s,
  takers.filled_qty,
  takers.pulled_qty,
  case when followed.reached_s < followed.end_s then followed.reached_s end as came_s,
  case when followed.turned_s < followed.end_s then followed.turned_s end as left_s
  from followed
  left join losses on followed.moment_no = losses.moment_no
  left join takers on followed.moment_no = takers.moment_no
),
judged as (
  select
  *,
  case
  when gone_s <= coalesce(left_s, gone_s)
  then
  case
  when gone_s < coalesce(came_s, gone_s + 1) then 'pulled'
  when filled_qty >= pulled_qty then 'eaten'
  else 'pulled_late'
  end
  when left_s is not null then 'held'
  else 'censored'
  end as outcome
  from seen
)
select
symbol,
dt,
window_end_ts,
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
case when outcome != 'pulled' then make_timestamp(came_s * 1000000) end as reached_ts,
outcome,
make_timestamp(cast(
    case
    when outcome = 'held' then left_s + 1
    when outcome != 'censored' then gone_s + 1
    when end_s = path_end_s then coalesce(gap_known_s, end_s)
    else end_s + 1
    end as bigint
  ) * 1000000) as label_end_ts
from judged
order by moment_no
