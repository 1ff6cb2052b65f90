with
windows as (
  select * from "steps"."approach_windows_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
courses as (
  select * from "silver"."approach_course_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
placed as (
  select
  windows.*,
  courses.course_id,
  courses.direction,
  courses.level_tick_frozen,
  courses.started_ts,
  courses.x as course_x,
  courses.barrier_ticks as course_barrier_ticks,
  coalesce(
    windows.window_valid
    and not windows.is_eligible
    and courses.phase != 'approaching'
    and courses.resolved is null
    and courses.ended_by is null
    and abs(courses.x) < courses.barrier_ticks,
    false
  ) as is_of_course,
  courses.phase
  from windows
  left join courses
  on
  windows.window_end_ts = courses.window_end_ts
  and windows.level_id = courses.level_id
)
select
symbol,
dt,
window_end_ts,
level_id,
window_valid,
is_active,
is_primary,
if(is_of_course, level_tick_frozen, level_tick) as level_tick,
cast(if(is_of_course, if(direction = 'up', -1, 1) * course_x, k_ticks) as integer) as k_ticks,
sigma_1s_ticks,
if(is_of_course, 'approach_' || direction, approach_dir) as approach_dir,
if(is_of_course, course_x, x_ticks) as x_ticks,
barrier_mode,
barrier_min_ticks,
if(is_of_course, course_barrier_ticks, barrier_ticks) as barrier_ticks,
is_of_course or is_eligible as is_eligible,
case
when is_of_course then phase
when is_eligible then 'approaching'
end as decision_phase,
course_id,
if(is_of_course, started_ts, first_window_end_ts) as first_window_end_ts,
if(is_of_course, level_tick_frozen, level_tick_first) as level_tick_first
from placed
order by window_end_ts, level_id
