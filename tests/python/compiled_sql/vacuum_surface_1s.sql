with
metrics as (
  select * from "silver"."vacuum_metrics_1s"
),
norm_quantiles as (
  select * from "steps"."norm_quantiles"
)
select
metrics.*,
case
when
not metrics.window_valid
or norm_quantiles.pull_add_log_q05 is null
or norm_quantiles.pull_add_log_q95 is null
or norm_quantiles.log1p_pull_intensity_rest_q05 is null
or norm_quantiles.log1p_pull_intensity_rest_q95 is null
or norm_quantiles.log1p_erosion_norm_q05 is null
or norm_quantiles.log1p_erosion_norm_q95 is null
or norm_quantiles.d2_pull_add_log_q05 is null
or norm_quantiles.d2_pull_add_log_q95 is null
then null
when metrics.is_empty then 1.0
when metrics.d2_pull_add_log is null then null
else (
  case
  when (pull_add_log) is null or (norm_quantiles.pull_add_log_q05) is null or (norm_quantiles.pull_add_log_q95) is null then null
  when (norm_quantiles.pull_add_log_q05) = (norm_quantiles.pull_add_log_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0, ((pull_add_log) - (norm_quantiles.pull_add_log_q05)) / ((norm_quantiles.pull_add_log_q95) - (norm_quantiles.pull_add_log_q05)))
  )
  end
  +
  case
  when (ln(1 + pull_intensity_rest)) is null or (norm_quantiles.log1p_pull_intensity_rest_q05) is null or (norm_quantiles.log1p_pull_intensity_rest_q95) is null then null
  when (norm_quantiles.log1p_pull_intensity_rest_q05) = (norm_quantiles.log1p_pull_intensity_rest_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0,
      ((ln(1 + pull_intensity_rest)) - (norm_quantiles.log1p_pull_intensity_rest_q05)) / ((norm_quantiles.log1p_pull_intensity_rest_q95) - (norm_quantiles.log1p_pull_intensity_rest_q05)))
  )
  end
  +
  case
  when (log1p_erosion_norm) is null or (norm_quantiles.log1p_erosion_norm_q05) is null or (norm_quantiles.log1p_erosion_norm_q95) is null then null
  when (norm_quantiles.log1p_erosion_norm_q05) = (norm_quantiles.log1p_erosion_norm_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0, ((log1p_erosion_norm) - (norm_quantiles.log1p_erosion_norm_q05)) / ((norm_quantiles.log1p_erosion_norm_q95) - (norm_quantiles.log1p_erosion_norm_q05)))
  )
  end
  +
  case
  when (d2_pull_add_log) is null or (norm_quantiles.d2_pull_add_log_q05) is null or (norm_quantiles.d2_pull_add_log_q95) is null then null
  when (norm_quantiles.d2_pull_add_log_q05) = (norm_quantiles.d2_pull_add_log_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0, ((d2_pull_add_log) - (norm_quantiles.d2_pull_add_log_q05)) / ((norm_quantiles.d2_pull_add_log_q95) - (norm_quantiles.d2_pull_add_log_q05)))
  )
  end
) / 4
end as vacuum_score,
norm_quantiles.calibration_mode
from metrics
left join norm_quantiles
on
metrics.symbol = norm_quantiles.symbol
and metrics.dt = norm_quantiles.dt
and date_trunc('minute', metrics.window_start_ts) = norm_quantiles.minute_ts
