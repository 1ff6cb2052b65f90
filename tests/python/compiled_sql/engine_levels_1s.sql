with
levels as (
  select * from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt' and is_active
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
courses as (
  select * from "silver"."approach_course_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
changes as (
  select * from "steps"."level_side_changes"
  where symbol = '$symbol' and dt = date '$dt'
),
positions as (
  select
  snapshot.window_start_ts,
  snapshot.window_end_ts,
  snapshot.window_valid,
  levels.level_id,
  levels.level_price_int,
  levels.level_tick,
  cast(
    levels.level_tick - snapshot.spot_ref_price_int // contract_day.tick_int as integer
  ) as k_ticks,
  levels.is_primary
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
  as has_row
  from levels
  inner join snapshot on levels.window_end_ts = snapshot.window_end_ts
  cross join contract_day
  where snapshot.spot_ref_price_int is not null
),
directed as (
  select
  positions.*,
  coalesce(
    case courses.direction when 'up' then 1 when 'down' then -1 end,
    changes.side_of_spot
  ) as break_sign
  from positions
  asof left join changes
  on
  positions.level_id = changes.level_id
  and positions.window_end_ts >= changes.window_end_ts
  left join courses
  on
  positions.window_end_ts = courses.window_end_ts
  and positions.level_id = courses.level_id
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
window_end_ts,
level_id,
level_price_int,
level_tick,
k_ticks,
case break_sign when 1 then 'RESISTANCE' when -1 then 'SUPPORT' end as direction,
case break_sign when 1 then 'UP' when -1 then 'DOWN' end as break_direction,
case break_sign when 1 then 'A' when -1 then 'B' end as defending_side,
abs(k_ticks) <= 1 as in_monitor_band,
window_valid
from directed
where has_row and abs(k_ticks) <= 40
order by level_id, window_end_ts
