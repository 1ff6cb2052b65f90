with
inputs as (
  select * from "steps"."calibration_sessions"
  where root = '$root' and dt = date '$dt'
),
study_window as (
  select unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  })
),
metric_names as (
  select unnest(['pull_add_log', 'log1p_pull_intensity_rest', 'log1p_erosion_norm', 'd2_pull_add_log', 'wall_strength_log', 'gex_abs']) as metric_name
),
earlier_sessions as (
  select unnest(sessions, recursive := true) from inputs
),
all_counts as (
  select
  symbol,
  dt,
  metric_name,
  metric_value,
  row_count
  from "steps"."vacuum_metric_counts"
  union all
  select
  symbol,
  dt,
  metric_name,
  metric_value,
  row_count
  from "steps"."gex_metric_counts"
),
earlier_counts as (
  select
  counts.metric_name,
  'rth_study' as segment,
  cast(date '$dt' as timestamp) as cutoff_ts,
  counts.metric_value,
  counts.row_count
  from all_counts as counts
  inner join earlier_sessions
  on
  counts.symbol = earlier_sessions.symbol
  and counts.dt = earlier_sessions.dt
  where '$calibration_mode' = 'prior_sessions'
),
own_metrics as (
  select
  metrics.*,
  case
  when metrics.window_start_ts >= study_window.start_ts then 'from_rth'
  else 'before_rth'
  end as segment,
  date_trunc('minute', metrics.window_end_ts - interval 1 microsecond)
  + interval 1 minute as cutoff_ts
  from "silver"."vacuum_metrics_1s" as metrics
  cross join study_window
  where
  '$calibration_mode' = 'intraday_expanding'
  and metrics.symbol = '$selected_symbol'
  and metrics.dt = date '$dt'
  and metrics.window_valid
),
filled_metrics as (
  select * from own_metrics
  where not is_empty
),
measured as (
  select
  segment, cutoff_ts,
  'pull_add_log' as metric_name,
  pull_add_log as metric_value
  from filled_metrics
  union all
  select
  segment, cutoff_ts,
  'log1p_pull_intensity_rest' as metric_name,
  ln(1 + pull_intensity_rest) as metric_value
  from filled_metrics
  union all
  select
  segment, cutoff_ts,
  'log1p_erosion_norm' as metric_name,
  log1p_erosion_norm as metric_value
  from filled_metrics
  union all
  select
  segment, cutoff_ts,
  'd2_pull_add_log' as metric_name,
  d2_pull_add_log as metric_value
  from filled_metrics
  union all
  select
  segment, cutoff_ts,
  'wall_strength_log' as metric_name,
  wall_strength_log as metric_value
  from filled_metrics
),
own_exposures as (
  select
  metrics.gex_abs,
  case
  when metrics.window_start_ts >= study_window.start_ts then 'from_rth'
  else 'before_rth'
  end as segment,
  date_trunc('minute', metrics.window_end_ts - interval 1 microsecond)
  + interval 1 minute as cutoff_ts
  from (select
    surface.symbol,
    surface.dt,
    surface.window_start_ts,
    surface.window_end_ts,
    surface.gex_abs
    from "silver"."gex_surface_1s" as surface
    inner join "silver"."book_snapshot_1s" as book
    on
    surface.symbol = book.symbol
    and surface.dt = book.dt
    and surface.window_start_ts = book.window_start_ts
    where book.window_valid and surface.gex_abs is not null) as metrics
  cross join study_window
  where
  '$calibration_mode' = 'intraday_expanding'
  and metrics.symbol = '$selected_symbol'
  and metrics.dt = date '$dt'
),
all_measured as (
  select
  segment,
  cutoff_ts,
  metric_name,
  metric_value
  from measured
  union all
  select
  segment,
  cutoff_ts,
  'gex_abs' as metric_name,
  gex_abs as metric_value
  from own_exposures
),
own_counts as (
  select
  metric_name,
  segment,
  cutoff_ts,
  metric_value,
  count(*) as row_count
  from all_measured
  where metric_value is not null
  group by all
),
counts as (
  select * from earlier_counts
  union all
  select * from own_counts
),
quantiles as (
  with
  binned as (
    select
    *,
    cast(floor(
        if(metric_name = 'gex_abs', sqrt(sqrt(abs(metric_value))), metric_value)
        / 0.015625
      ) as integer) as bin
    from counts
  ),
  bin_counts as (
    select
    metric_name, segment,
    cutoff_ts,
    bin,
    sum(row_count) as row_count
    from binned
    group by all
  ),
  cutoffs as (
    select distinct
    metric_name, segment,
    cutoff_ts
    from bin_counts
  ),
  bins as (
    select distinct
    metric_name, segment,
    bin
    from bin_counts
  ),
  bins_at_cutoffs as (
    select
    cutoffs.metric_name,
    cutoffs.segment,
    cutoffs.cutoff_ts,
    bins.bin,
    sum(coalesce(bin_counts.row_count, 0)) over (
      partition by cutoffs.metric_name, cutoffs.segment, bins.bin
      order by cutoffs.cutoff_ts
    ) as row_count
    from cutoffs
    inner join bins
    on
    cutoffs.metric_name = bins.metric_name
    and cutoffs.segment = bins.segment
    left join bin_counts
    on
    cutoffs.metric_name = bin_counts.metric_name
    and cutoffs.segment = bin_counts.segment
    and cutoffs.cutoff_ts = bin_counts.cutoff_ts
    and bins.bin = bin_counts.bin
  ),
  positions as (
    select
    *,
    sum(row_count) over (
      partition by metric_name, segment, cutoff_ts
      order by bin
    ) as rows_to_end,
    sum(row_count) over (partition by metric_name, segment, cutoff_ts) as n_rows
    from bins_at_cutoffs
  ),
  ranks as (
    select
    positions.*,
    probabilities.name,
    probabilities.probability * (positions.n_rows - 1)
    - floor(probabilities.probability * (positions.n_rows - 1)) as fraction,
    neighbors.neighbor,
    least(
      floor(probabilities.probability * (positions.n_rows - 1)) + neighbors.neighbor,
      positions.n_rows - 1
    ) as row_rank
    from positions
    cross join (
      values
      ('q05', cast(0.05 as double)),
      ('q95', cast(0.95 as double))
    ) as probabilities (name, probability)
    cross join (values (0), (1)) as neighbors (neighbor)
  ),
  bins_of_ranks as (
    select * from ranks
    where row_rank < rows_to_end and row_rank >= rows_to_end - row_count
  ),
  values_of_bins as (
    select
    bins_of_ranks.metric_name,
    bins_of_ranks.segment,
    bins_of_ranks.cutoff_ts,
    bins_of_ranks.name,
    bins_of_ranks.neighbor,
    bins_of_ranks.fraction,
    bins_of_ranks.n_rows,
    bins_of_ranks.row_rank,
    bins_of_ranks.rows_to_end - bins_of_ranks.row_count as rows_before,
    binned.metric_value,
    sum(binned.row_count) as row_count
    from bins_of_ranks
    inner join binned
    on
    bins_of_ranks.metric_name = binned.metric_name
    and bins_of_ranks.segment = binned.segment
    and bins_of_ranks.bin = binned.bin
    and bins_of_ranks.cutoff_ts >= binned.cutoff_ts
    group by all
  ),
  values_to_end as (
    select
    *,
    rows_before + sum(row_count) over (
      partition by metric_name, segment, cutoff_ts, name, neighbor
      order by metric_value
    ) as rows_to_end
    from values_of_bins
  ),
  values_at_ranks as (
    select
    metric_name, segment,
    cutoff_ts,
    name,
    neighbor,
    fraction,
    n_rows,
    min(metric_value) as metric_value
    from values_to_end
    where rows_to_end > row_rank
    group by all
  ),
  interpolated as (
    select
    metric_name, segment,
    cutoff_ts,
    name,
    any_value(n_rows) as n_rows,
    min(metric_value)
    + any_value(fraction) * (max(metric_value) - min(metric_value)) as quantile
    from values_at_ranks
    group by metric_name, segment, cutoff_ts, name
  )
  select
  metric_name, segment,
  cutoff_ts,
  any_value(n_rows) as n_rows,
  max(quantile) filter (name = 'q05') as q05,
  max(quantile) filter (name = 'q95') as q95
  from interpolated
  group by metric_name, segment, cutoff_ts
),
seconds_per_minute as (
  select
  segment,
  cutoff_ts,
  count(distinct window_start_ts) as second_count
  from own_metrics
  group by segment, cutoff_ts
),
seconds_so_far as (
  select
  segment,
  cutoff_ts,
  sum(second_count) over (partition by segment order by cutoff_ts) as second_count
  from seconds_per_minute
),
minutes_of_day as (
  select unnest(range(
      cast(date '$dt' as timestamp),
      cast(date '$dt' as timestamp) + interval 1 day,
      interval 1 minute
  )) as minute_ts
),
minutes as (
  select
  minutes_of_day.minute_ts as valid_from_ts,
  case
  when minutes_of_day.minute_ts >= study_window.start_ts then 'from_rth' else 'before_rth'
  end as segment
  from minutes_of_day
  cross join study_window
  where '$calibration_mode' = 'intraday_expanding'
),
minute_metrics as (
  select
  minutes.*,
  metric_names.metric_name
  from minutes
  cross join metric_names
),
intraday as (
  select
  minute_metrics.valid_from_ts,
  minute_metrics.metric_name,
  minute_metrics.segment as session_window,
  seconds_so_far.second_count >= 600 as is_enough,
  quantiles.q05,
  quantiles.q95,
  coalesce(quantiles.n_rows, 0) as n_rows
  from minute_metrics
  asof left join seconds_so_far
  on
  minute_metrics.segment = seconds_so_far.segment
  and minute_metrics.valid_from_ts >= seconds_so_far.cutoff_ts
  asof left join quantiles
  on
  minute_metrics.metric_name = quantiles.metric_name
  and minute_metrics.segment = quantiles.segment
  and minute_metrics.valid_from_ts >= quantiles.cutoff_ts
),
prior as (
  select
  cast(date '$dt' as timestamp) as valid_from_ts,
  metric_names.metric_name,
  'rth_study' as session_window,
  inputs.lookback_sessions >= 5 as is_enough,
  quantiles.q05,
  quantiles.q95,
  coalesce(quantiles.n_rows, 0) as n_rows
  from metric_names
  cross join inputs
  left join quantiles on metric_names.metric_name = quantiles.metric_name
  where '$calibration_mode' = 'prior_sessions'
),
calibrations as (
  select * from prior
  union all
  select * from intraday
)
select
'$root' as root,
date '$dt' as dt,
calibrations.valid_from_ts,
calibrations.metric_name,
case when calibrations.is_enough then calibrations.q05 end as q05,
case when calibrations.is_enough then calibrations.q95 end as q95,
cast(calibrations.n_rows as bigint) as n_rows,
inputs.lookback_sessions,
calibrations.session_window,
inputs.calibration_mode
from calibrations
cross join inputs
order by calibrations.valid_from_ts, calibrations.metric_name
