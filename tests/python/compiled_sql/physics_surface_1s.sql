with
surface as (
  select * from "silver"."vacuum_surface_1s"
),
norm_quantiles as (
  select * from "steps"."norm_quantiles"
),
weights as (
  select
  max(weight) filter (weight_group = 'ease' and weight_name = 'vacuum')
  as vacuum,
  max(weight) filter (weight_group = 'ease' and weight_name = 'erosion')
  as erosion,
  max(weight) filter (weight_group = 'ease' and weight_name = 'strength')
  as strength
  from "reference"."physics_weights"
),
eases as (
  select
  surface.*,
  case
  when surface.vacuum_score is null then null
  when surface.is_empty then 1.0
  else
  weights.vacuum * surface.vacuum_score
  + weights.erosion * case
  when (surface.log1p_erosion_norm) is null or (norm_quantiles.log1p_erosion_norm_q05) is null or (norm_quantiles.log1p_erosion_norm_q95) is null then null
  when (norm_quantiles.log1p_erosion_norm_q05) = (norm_quantiles.log1p_erosion_norm_q95) then 0.5
  else
  greatest(
    0.0,
    least(1.0, ((surface.log1p_erosion_norm) - (norm_quantiles.log1p_erosion_norm_q05)) / ((norm_quantiles.log1p_erosion_norm_q95) - (norm_quantiles.log1p_erosion_norm_q05)))
  )
  end
  + weights.strength * (1 - case
    when (surface.wall_strength_log) is null or (norm_quantiles.wall_strength_log_q05) is null or (norm_quantiles.wall_strength_log_q95) is null then null
    when (norm_quantiles.wall_strength_log_q05) = (norm_quantiles.wall_strength_log_q95) then 0.5
    else
    greatest(
      0.0,
      least(1.0, ((surface.wall_strength_log) - (norm_quantiles.wall_strength_log_q05)) / ((norm_quantiles.wall_strength_log_q95) - (norm_quantiles.wall_strength_log_q05)))
    )
    end)
  end as ease
  from surface
  cross join weights
  left join norm_quantiles
  on
  surface.symbol = norm_quantiles.symbol
  and surface.dt = norm_quantiles.dt
  and date_trunc('minute', surface.window_start_ts) = norm_quantiles.minute_ts
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
side,
price_int,
spot_ref_price_int,
rel_ticks,
window_valid,
ease,
case side when 'A' then ease else -ease end as ease_signed,
1 - ease as obstacle,
calibration_mode
from eases
