with
metrics as (
  select * from "silver"."vacuum_metrics_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and window_valid
  and not is_empty
),
study_window as (
  select unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  })
),
study_rows as (
  select metrics.*
  from metrics
  cross join study_window
  where
  metrics.window_start_ts >= study_window.start_ts
  and metrics.window_start_ts < study_window.end_ts
),
measured as (
  select
  symbol, dt,
  'pull_add_log' as metric_name,
  pull_add_log as metric_value
  from study_rows
  union all
  select
  symbol, dt,
  'log1p_pull_intensity_rest' as metric_name,
  ln(1 + pull_intensity_rest) as metric_value
  from study_rows
  union all
  select
  symbol, dt,
  'log1p_erosion_norm' as metric_name,
  log1p_erosion_norm as metric_value
  from study_rows
  union all
  select
  symbol, dt,
  'd2_pull_add_log' as metric_name,
  d2_pull_add_log as metric_value
  from study_rows
  union all
  select
  symbol, dt,
  'wall_strength_log' as metric_name,
  wall_strength_log as metric_value
  from study_rows
)
select
symbol,
dt,
metric_name,
metric_value,
count(*) as row_count
from measured
where metric_value is not null
group by symbol, dt, metric_name, metric_value
order by metric_name, metric_value
