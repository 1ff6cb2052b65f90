with
eligible as (
  select * from "steps"."approach_windows_5s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_eligible
),
levels as (
  select * from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
offsets as (
  select * from "silver"."level_offset_1s"
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
recording_gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_trades as (
  select * from "steps"."contract_trades"
  where
  symbol = '$symbol' and dt = date '$dt'
  and price_int is not null
),
gaps as (
  select
  make_timestamp((epoch_ns(known_at_ts) // 1000000000 + 1) * 1000000) as window_end_ts,
  max(epoch_ns(gap_end_ts)) as gap_end_ns
  from recording_gaps
  group by all
),
first_windows as (
  select
  level_id,
  min(window_end_ts) as window_end_ts
  from eligible
  group by level_id
),
seconds as (
  select
  levels.level_id,
  levels.window_end_ts,
  cast(epoch(levels.window_end_ts) as bigint) as end_s,
  snapshot.window_valid and snapshot.spot_ref_price_int is not null as is_valid,
  snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick,
  levels.level_tick,
  levels.is_active,
  case offsets.approach_dir when 'approach_up' then 1 when 'approach_down' then -1 else 0 end
  as approach,
  case eligible.approach_dir when 'approach_up' then 1 when 'approach_down' then -1 else 0 end
  as eligible_direction,
  eligible.barrier_ticks,
  gaps.gap_end_ns,
  dense_rank() over (order by levels.level_id) as level_no,
  row_number() over (order by levels.level_id, levels.window_end_ts) - 1 as second_row
  from levels
  inner join first_windows
  on
  levels.level_id = first_windows.level_id
  and levels.window_end_ts >= first_windows.window_end_ts
  inner join snapshot on levels.window_end_ts = snapshot.window_end_ts
  cross join contract_day
  left join offsets
  on
  levels.window_end_ts = offsets.window_end_ts
  and levels.level_id = offsets.level_id
  left join eligible
  on
  levels.window_end_ts = eligible.window_end_ts
  and levels.level_id = eligible.level_id
  left join gaps on levels.window_end_ts = gaps.window_end_ts
),
second_list as (
  select
  list(
    struct_pack(
      level_no := level_no,
      end_s := end_s,
      is_valid := cast(is_valid as bigint),
      spot_tick := cast(spot_tick as bigint),
      level_tick := level_tick,
      is_active := cast(is_active as bigint),
      approach := cast(approach as bigint),
      eligible := cast(eligible_direction as bigint),
      barrier_ticks := cast(barrier_ticks as bigint),
      gap_end_ns := gap_end_ns
    )
    order by second_row
  ) as seconds
  from seconds
),
trade_list as (
  select
  coalesce(
    list(struct_pack(
        trade_no := contract_trades.trade_no,
        second_s := cast(epoch(contract_trades.window_start_ts) as bigint),
        trade_tick := contract_trades.price_int // contract_day.tick_int,
        ts_ns := epoch_ns(contract_trades.ts_event)
    )),
    []
  ) as trades
  from contract_trades
  cross join contract_day
),
courses as (
  select
  unnest(
    approach_courses(
      second_list.seconds,
      trade_list.trades,
      struct_pack(
        reach_ticks := 2,
        faded_s := 60,
        faded_barriers := 2,
        unresolved_s := 240,
        drift_ticks := 4
      )
    ),
    recursive := true
  )
  from second_list
  cross join trade_list
),
named as (
  select
  seconds.level_id,
  seconds.window_end_ts,
  seconds.end_s,
  courses.* exclude (direction, row),
  if(courses.direction = 1, 'up', 'down') as direction,
  make_timestamp(courses.started_s * 1000000) as started_ts
  from courses
  inner join seconds on courses.row = seconds.second_row
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_end_ts,
level_id,
format(
  '{}_{}_{}_{}_{}',
  '$symbol',
  strftime(date '$dt', '%Y-%m-%d'),
  level_id,
  replace(direction, 'approach_', ''),
  cast(epoch(started_ts) as bigint)
) as course_id,
direction,
level_tick_frozen,
cast(barrier_ticks as integer) as barrier_ticks,
started_ts,
cast(x as integer) as x,
phase,
make_timestamp_ns(reached_ns) as reached_ts,
cast(max_x as integer) as max_x,
cast(min_x_since_reached as integer) as min_x_since_reached,
cast(end_s - started_s as integer) as elapsed_s,
cast(since_reached_s as integer) as since_reached_s,
resolved,
make_timestamp_ns(resolved_ns) as resolved_ts,
ended_by
from named
order by level_id, window_end_ts
