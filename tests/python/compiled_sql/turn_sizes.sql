with
measures as (
  select * from "steps"."turn_measures_1s"
  where symbol = '$symbol' and dt = date '$dt' and k_ticks != 0
),
sizes as (
  select
  time_bucket(interval 15 minute, window_start_ts) as quarter_start_ts,
  condition_window_s,
  case
  when (side = 'A') = (k_ticks > 0) then 'ahead'
  when k_ticks != 0 then 'behind'
  end as side_role,
  case
  when abs(k_ticks) <= 2 then 2
  when abs(k_ticks) <= 4 then 4
  when abs(k_ticks) <= 6 then 6
  when abs(k_ticks) <= 10 then 10
  when abs(k_ticks) <= 20 then 20
  end as distance_ticks,
  'retreat_ticks' as measure,
  abs(retreat_ticks) as size
  from measures
  where retreat_ticks is not null
  union all
  select
  time_bucket(interval 15 minute, window_start_ts) as quarter_start_ts,
  condition_window_s,
  case
  when (side = 'A') = (k_ticks > 0) then 'ahead'
  when k_ticks != 0 then 'behind'
  end as side_role,
  case
  when abs(k_ticks) <= 2 then 2
  when abs(k_ticks) <= 4 then 4
  when abs(k_ticks) <= 6 then 6
  when abs(k_ticks) <= 10 then 10
  when abs(k_ticks) <= 20 then 20
  end as distance_ticks,
  'pull_share' as measure,
  abs(pull_share) as size
  from measures
  where pull_share is not null
)
select
'$symbol' as symbol,
date '$dt' as dt,
quarter_start_ts,
cast(condition_window_s as integer) as condition_window_s,
side_role,
cast(distance_ticks as integer) as distance_ticks,
measure,
list(size order by size) as sizes,
sum(cast(size * size as decimal(38, 24))) as sum_of_squares
from sizes
where distance_ticks is not null
group by quarter_start_ts, condition_window_s, side_role, distance_ticks, measure
order by quarter_start_ts, condition_window_s, side_role, distance_ticks, measure
