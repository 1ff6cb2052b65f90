with
cells as (
  select * from "steps"."vacuum_cells_1s"
  where abs(rel_ticks) <= 20
),
logs as (
  select
  *,
  ln((pull_qty_rest + 1) / (add_qty + 1)) as pull_add_log,
  ln((pull_qty_rest_before_1 + 1) / (add_qty_before_1 + 1))
  as pull_add_log_before_1,
  ln((pull_qty_rest_before_2 + 1) / (add_qty_before_2 + 1))
  as pull_add_log_before_2,
  ln((pull_qty_rest_before_3 + 1) / (add_qty_before_3 + 1))
  as pull_add_log_before_3,
  cast(greatest(pull_qty_total - add_qty, 0) as double) as wall_erosion
  from cells
),
first_differences as (
  select
  *,
  case when window_valid then pull_add_log - pull_add_log_before_1 end as d1,
  pull_add_log_before_1 - pull_add_log_before_2 as d1_before_1,
  pull_add_log_before_2 - pull_add_log_before_3 as d1_before_2
  from logs
)
select
symbol,
dt,
window_start_ts,
window_start_ts + interval 1 second as window_end_ts,
side,
price_int,
spot_ref_price_int,
rel_ticks,
window_valid,
depth_qty_start = 0 and depth_qty_end = 0 and add_qty = 0 as is_empty,
pull_qty_rest / (depth_qty_start + 1) as pull_intensity_rest,
pull_add_log,
d1 as d1_pull_add_log,
d1 - d1_before_1 as d2_pull_add_log,
d1 - d1_before_1 - (d1_before_1 - d1_before_2) as d3_pull_add_log,
ln(depth_qty_rest + 1) as wall_strength_log,
wall_erosion,
fill_qty as consumption_qty,
ln(1 + wall_erosion / (depth_qty_start + 1)) as log1p_erosion_norm
from first_differences
