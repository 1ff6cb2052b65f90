with
surface as (
  select
  *,
  case
  when abs(rel_ticks) between 0 and 2 then 'at'
  when abs(rel_ticks) between 3 and 5 then 'near'
  when abs(rel_ticks) between 6 and 14 then 'mid'
  when abs(rel_ticks) between 15 and 20 then 'far'
  end as bucket,
  abs(rel_ticks) - case
  when abs(rel_ticks) <= 2 then 0
  when abs(rel_ticks) <= 5 then 3
  when abs(rel_ticks) <= 14 then 6
  when abs(rel_ticks) <= 20 then 15
  end as place
  from "silver"."vacuum_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
cells as (
  select * from "steps"."vacuum_cells_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select
  symbol,
  dt,
  window_start_ts,
  window_end_ts,
  spot_ref_price_int,
  mid_price,
  mid_price_int,
  window_valid
  from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
norm_quantiles as (
  select * from "steps"."norm_quantiles"
  where symbol = '$symbol' and dt = date '$dt'
),
physics_calibration_modes as (
  select * from "steps"."physics_calibration_modes"
  where symbol = '$symbol' and dt = date '$dt'
),
weights as (
  select
  max(weight) filter (weight_group = 'ease' and weight_name = 'vacuum')
  as vacuum,
  max(weight) filter (weight_group = 'ease' and weight_name = 'erosion')
  as erosion,
  max(weight) filter (weight_group = 'ease' and weight_name = 'strength')
  as strength,
  max(weight) filter (weight_group = 'band' and weight_name = 'at')
  as at,
  max(weight) filter (weight_group = 'band' and weight_name = 'near')
  as near
  from "reference"."physics_weights"
),
bands as (
  select
  surface.window_start_ts,
  surface.side,
  surface.bucket,
  count(*) as width,
  bool_and(surface.is_empty) as is_empty,
  sum(cells.depth_qty_rest) as depth_qty_rest,
  sum(cells.depth_qty_start) as depth_qty_start,
  sum(cast(surface.wall_erosion as bigint)) as erosion_qty,
  count(surface.vacuum_score) as score_count,
  coalesce(max(surface.vacuum_score) filter (surface.place = 0), 0)
  as score_0,
  coalesce(max(surface.vacuum_score) filter (surface.place = 1), 0)
  as score_1,
  coalesce(max(surface.vacuum_score) filter (surface.place = 2), 0)
  as score_2,
  coalesce(max(surface.vacuum_score) filter (surface.place = 3), 0)
  as score_3,
  coalesce(max(surface.vacuum_score) filter (surface.place = 4), 0)
  as score_4,
  coalesce(max(surface.vacuum_score) filter (surface.place = 5), 0)
  as score_5,
  coalesce(max(surface.vacuum_score) filter (surface.place = 6), 0)
  as score_6,
  coalesce(max(surface.vacuum_score) filter (surface.place = 7), 0)
  as score_7,
  coalesce(max(surface.vacuum_score) filter (surface.place = 8), 0)
  as score_8
  from surface
  inner join cells
  on
  surface.window_start_ts = cells.window_start_ts
  and surface.side = cells.side
  and surface.rel_ticks = cells.rel_ticks
  where surface.bucket is not null
  group by surface.window_start_ts, surface.side, surface.bucket
),
measured as (
  select
  window_start_ts,
  side,
  bucket,
  is_empty,
  ln(1 + depth_qty_rest / width) as strength_log,
  ln(1 + erosion_qty / (depth_qty_start + width)) as erosion_log,
  case
  when score_count = width
  then (
    score_0 +
    score_1 +
    score_2 +
    score_3 +
    score_4 +
    score_5 +
    score_6 +
    score_7 +
    score_8
  ) / width
  end as vacuum_norm
  from bands
),
seconds as (
  select
  snapshot.*,
  norm_quantiles.pull_add_log_q05,
  norm_quantiles.pull_add_log_q95,
  norm_quantiles.log1p_pull_intensity_rest_q05,
  norm_quantiles.log1p_pull_intensity_rest_q95,
  norm_quantiles.log1p_erosion_norm_q05,
  norm_quantiles.log1p_erosion_norm_q95,
  norm_quantiles.d2_pull_add_log_q05,
  norm_quantiles.d2_pull_add_log_q95,
  norm_quantiles.wall_strength_log_q05,
  norm_quantiles.wall_strength_log_q95,
  snapshot.window_valid
  and norm_quantiles.pull_add_log_q05 is not null
  and norm_quantiles.pull_add_log_q95 is not null
  and norm_quantiles.log1p_pull_intensity_rest_q05 is not null
  and norm_quantiles.log1p_pull_intensity_rest_q95 is not null
  and norm_quantiles.log1p_erosion_norm_q05 is not null
  and norm_quantiles.log1p_erosion_norm_q95 is not null
  and norm_quantiles.d2_pull_add_log_q05 is not null
  and norm_quantiles.d2_pull_add_log_q95 is not null
  and norm_quantiles.wall_strength_log_q05 is not null
  and norm_quantiles.wall_strength_log_q95 is not null
  as is_scored
  from snapshot
  cross join contract_day
  left join norm_quantiles
  on
  snapshot.symbol = norm_quantiles.symbol
  and snapshot.dt = norm_quantiles.dt
  and date_trunc('minute', snapshot.window_start_ts) = norm_quantiles.minute_ts
  where (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> snapshot.window_start_ts >= part.start_ts
        and snapshot.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
scaled as (
  select
  measured.window_start_ts,
  measured.side,
  measured.bucket,
  case
  when measured.is_empty then 0.0
  else case
  when (measured.strength_log) is null or (seconds.wall_strength_log_q05) is null or (seconds.wall_strength_log_q95) is null then null
  when (seconds.wall_strength_log_q05) = (seconds.wall_strength_log_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0, ((measured.strength_log) - (seconds.wall_strength_log_q05)) / ((seconds.wall_strength_log_q95) - (seconds.wall_strength_log_q05)))
  )
  end
  end as wall_strength_norm,
  case
  when measured.is_empty then 1.0
  else case
  when (measured.erosion_log) is null or (seconds.log1p_erosion_norm_q05) is null or (seconds.log1p_erosion_norm_q95) is null then null
  when (seconds.log1p_erosion_norm_q05) = (seconds.log1p_erosion_norm_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0, ((measured.erosion_log) - (seconds.log1p_erosion_norm_q05)) / ((seconds.log1p_erosion_norm_q95) - (seconds.log1p_erosion_norm_q05)))
  )
  end
  end as wall_erosion_norm,
  case when measured.is_empty then 1.0 else measured.vacuum_norm end as vacuum_norm
  from measured
  inner join seconds on measured.window_start_ts = seconds.window_start_ts
  where seconds.is_scored
),
by_second as (
  select
  window_start_ts,
  max(wall_strength_norm) filter (side = 'A' and bucket = 'at')
  as above_at_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'A' and bucket = 'at')
  as above_at_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'A' and bucket = 'at')
  as above_at_vacuum_norm,
  max(wall_strength_norm) filter (side = 'A' and bucket = 'near')
  as above_near_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'A' and bucket = 'near')
  as above_near_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'A' and bucket = 'near')
  as above_near_vacuum_norm,
  max(wall_strength_norm) filter (side = 'A' and bucket = 'mid')
  as above_mid_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'A' and bucket = 'mid')
  as above_mid_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'A' and bucket = 'mid')
  as above_mid_vacuum_norm,
  max(wall_strength_norm) filter (side = 'A' and bucket = 'far')
  as above_far_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'A' and bucket = 'far')
  as above_far_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'A' and bucket = 'far')
  as above_far_vacuum_norm,
  max(wall_strength_norm) filter (side = 'B' and bucket = 'at')
  as below_at_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'B' and bucket = 'at')
  as below_at_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'B' and bucket = 'at')
  as below_at_vacuum_norm,
  max(wall_strength_norm) filter (side = 'B' and bucket = 'near')
  as below_near_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'B' and bucket = 'near')
  as below_near_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'B' and bucket = 'near')
  as below_near_vacuum_norm,
  max(wall_strength_norm) filter (side = 'B' and bucket = 'mid')
  as below_mid_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'B' and bucket = 'mid')
  as below_mid_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'B' and bucket = 'mid')
  as below_mid_vacuum_norm,
  max(wall_strength_norm) filter (side = 'B' and bucket = 'far')
  as below_far_wall_strength_norm,
  max(wall_erosion_norm) filter (side = 'B' and bucket = 'far')
  as below_far_wall_erosion_norm,
  max(vacuum_norm) filter (side = 'B' and bucket = 'far')
  as below_far_vacuum_norm,
  count(*) as band_count
  from scaled
  group by window_start_ts
),
scores as (
  select
  by_second.*,
  weights.at * (
    weights.vacuum * by_second.above_at_vacuum_norm
    + weights.erosion * by_second.above_at_wall_erosion_norm
    + weights.strength * (1 - by_second.above_at_wall_strength_norm)
  ) +
  weights.near * (
    weights.vacuum * by_second.above_near_vacuum_norm
    + weights.erosion * by_second.above_near_wall_erosion_norm
    + weights.strength * (1 - by_second.above_near_wall_strength_norm)
  )
  as above_score,
  weights.at * (
    weights.vacuum * by_second.below_at_vacuum_norm
    + weights.erosion * by_second.below_at_wall_erosion_norm
    + weights.strength * (1 - by_second.below_at_wall_strength_norm)
  ) +
  weights.near * (
    weights.vacuum * by_second.below_near_vacuum_norm
    + weights.erosion * by_second.below_near_wall_erosion_norm
    + weights.strength * (1 - by_second.below_near_wall_strength_norm)
  )
  as below_score
  from by_second
  cross join weights
)
select
seconds.symbol,
seconds.dt,
seconds.window_start_ts,
seconds.window_end_ts,
seconds.spot_ref_price_int,
seconds.mid_price,
seconds.mid_price_int,
seconds.window_valid,
scores.above_at_wall_strength_norm,
scores.above_at_wall_erosion_norm,
scores.above_at_vacuum_norm,
scores.above_near_wall_strength_norm,
scores.above_near_wall_erosion_norm,
scores.above_near_vacuum_norm,
scores.above_mid_wall_strength_norm,
scores.above_mid_wall_erosion_norm,
scores.above_mid_vacuum_norm,
scores.above_far_wall_strength_norm,
scores.above_far_wall_erosion_norm,
scores.above_far_vacuum_norm,
scores.below_at_wall_strength_norm,
scores.below_at_wall_erosion_norm,
scores.below_at_vacuum_norm,
scores.below_near_wall_strength_norm,
scores.below_near_wall_erosion_norm,
scores.below_near_vacuum_norm,
scores.below_mid_wall_strength_norm,
scores.below_mid_wall_erosion_norm,
scores.below_mid_vacuum_norm,
scores.below_far_wall_strength_norm,
scores.below_far_wall_erosion_norm,
scores.below_far_vacuum_norm,
scores.above_score,
scores.below_score,
(scores.above_score + scores.below_score) / 2 as vacuum_total_score,
physics_calibration_modes.calibration_mode
from seconds
cross join physics_calibration_modes
left join scores on seconds.window_start_ts = scores.window_start_ts
order by seconds.window_start_ts
