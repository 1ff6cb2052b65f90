set variable calibration_dates = (
  select [min(earlier.dt), max(earlier.dt)] as first_and_last_dt
  from (
    select unnest(sessions, recursive := true)
    from "steps"."turn_calibration_sessions"
    where symbol = '$symbol' and dt = date '$dt'
  ) as earlier
);
with
inputs as (
  select * from "steps"."turn_calibration_sessions"
  where symbol = '$symbol' and dt = date '$dt'
),
earlier_sessions as (
  select unnest(sessions, recursive := true) from inputs
),
study_window as (
  select unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  })
),
own as (
  select * from "steps"."turn_measures_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
quarter_hours as (
  select
  days.symbol,
  days.dt,
  quarters.start_ts,
  timezone('UTC', timezone('America/New_York', date '$dt' + cast(time_bucket(interval 30 minute, timezone('America/New_York', timezone('UTC', quarters.start_ts))) as time))) as valid_from_ts
  from (
    select
    symbol,
    dt
    from earlier_sessions
    union all
    select
    '$symbol' as symbol,
    date '$dt' as dt
  ) as days
  cross join lateral (
    select unnest(range(
        cast(days.dt as timestamp),
        cast(days.dt as timestamp) + interval 1 day,
        interval 15 minute
    )) as start_ts
  ) as quarters
  where '$calibration_mode' = 'prior_sessions'
),
by_half_hour as (
  select
  quarter_hours.valid_from_ts,
  turn_sizes.condition_window_s,
  turn_sizes.side_role,
  turn_sizes.distance_ticks,
  turn_sizes.measure,
  list_aggregate(flatten(list(turn_sizes.sizes)), 'median') as median_size,
  sum(turn_sizes.sum_of_squares) as sum_of_squares,
  sum(len(turn_sizes.sizes)) as n_rows
  from "steps"."turn_sizes" as turn_sizes
  inner join earlier_sessions
  on
  turn_sizes.symbol = earlier_sessions.symbol
  and turn_sizes.dt = earlier_sessions.dt
  inner join quarter_hours
  on
  turn_sizes.symbol = quarter_hours.symbol
  and turn_sizes.dt = quarter_hours.dt
  and turn_sizes.quarter_start_ts = quarter_hours.start_ts
  where
  '$calibration_mode' = 'prior_sessions'
  and turn_sizes.dt
  between coalesce(getvariable('calibration_dates')[1], date '-infinity')
  and coalesce(getvariable('calibration_dates')[2], date 'infinity')
  group by
  quarter_hours.valid_from_ts,
  turn_sizes.condition_window_s,
  turn_sizes.side_role,
  turn_sizes.distance_ticks,
  turn_sizes.measure
),
so_far as (
  select
  own.*,
  date_trunc('minute', own.window_end_ts - interval 1 microsecond) + interval 1 minute
  as valid_from_ts,
  own.window_start_ts >= study_window.start_ts as is_from_open
  from own
  cross join study_window
  where not ('$calibration_mode' = 'prior_sessions')
),
measured as (
  select
  valid_from_ts,
  is_from_open,
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
  from so_far
  where retreat_ticks is not null and k_ticks != 0
  union all
  select
  valid_from_ts,
  is_from_open,
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
  from so_far
  where pull_share is not null and k_ticks != 0
),
by_minute as (
  select distinct
  valid_from_ts, condition_window_s, side_role, distance_ticks, measure,
  is_from_open,
  median(size) over segment as median_size,
  sum(cast(size * size as decimal(38, 24))) over segment as sum_of_squares,
  count(*) over segment as n_rows
  from measured
  window segment as (
    partition by is_from_open, condition_window_s, side_role, distance_ticks, measure
    order by valid_from_ts
    range between unbounded preceding and current row
  )
),
times as (
  select distinct
  valid_from_ts,
  cast(null as boolean) as is_from_open
  from quarter_hours
  where dt = date '$dt'
  union all
  select distinct
  date_trunc('minute', own.window_start_ts) as valid_from_ts,
  date_trunc('minute', own.window_start_ts) >= study_window.start_ts as is_from_open
  from own
  cross join study_window
  where not ('$calibration_mode' = 'prior_sessions')
),
kinds as (
  select
  windows.condition_window_s,
  roles.side_role,
  distances.distance_ticks,
  measures.measure
  from (select unnest([2, 5, 10]) as condition_window_s) as windows
  cross join (select unnest(['ahead', 'behind']) as side_role) as roles
  cross join (
    select unnest([2, 4, 6, 10, 20]) as distance_ticks
  ) as distances
  cross join (select unnest(['retreat_ticks', 'pull_share']) as measure) as measures
),
wanted as (
  select
  times.*,
  kinds.*
  from times
  cross join kinds
),
prior as (
  select
  wanted.*,
  by_half_hour.median_size,
  by_half_hour.sum_of_squares,
  by_half_hour.n_rows
  from wanted
  left join by_half_hour
  on
  wanted.valid_from_ts = by_half_hour.valid_from_ts and
  wanted.condition_window_s = by_half_hour.condition_window_s and
  wanted.side_role = by_half_hour.side_role and
  wanted.distance_ticks = by_half_hour.distance_ticks and
  wanted.measure = by_half_hour.measure
  where '$calibration_mode' = 'prior_sessions'
),
intraday as (
  select
  wanted.*,
  by_minute.median_size,
  by_minute.sum_of_squares,
  by_minute.n_rows
  from wanted
  asof left join by_minute
  on
  wanted.is_from_open = by_minute.is_from_open
  and wanted.condition_window_s = by_minute.condition_window_s
  and wanted.side_role = by_minute.side_role
  and wanted.distance_ticks = by_minute.distance_ticks
  and wanted.measure = by_minute.measure
  and wanted.valid_from_ts >= by_minute.valid_from_ts
  where not ('$calibration_mode' = 'prior_sessions')
),
sizes as (
  select * from prior
  union all
  select * from intraday
)
select
'$symbol' as symbol,
date '$dt' as dt,
sizes.valid_from_ts,
cast(sizes.condition_window_s as integer) as condition_window_s,
sizes.side_role,
cast(sizes.distance_ticks as integer) as distance_ticks,
sizes.measure,
case
when sizes.n_rows < 300 then null
when sizes.median_size > 0 then 1.4826 * sizes.median_size
else nullif(sqrt(cast(sizes.sum_of_squares as double) / sizes.n_rows), 0)
end as spread,
cast(coalesce(sizes.n_rows, 0) as bigint) as n_rows,
inputs.lookback_sessions,
inputs.calibration_mode
from sizes
cross join inputs
order by
sizes.valid_from_ts, sizes.condition_window_s, sizes.side_role, sizes.distance_ticks,
sizes.measure
