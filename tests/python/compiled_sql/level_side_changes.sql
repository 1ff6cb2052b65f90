with
levels as (
  select * from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt' and is_active
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt' and spot_ref_price_int is not null
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
positions as (
  select
  levels.level_id,
  levels.window_end_ts,
  cast(
    sign(levels.level_tick - snapshot.spot_ref_price_int // contract_day.tick_int)
    as integer
  ) as side_of_spot
  from levels
  inner join snapshot on levels.window_end_ts = snapshot.window_end_ts
  cross join contract_day
),
sides as (
  select
  *,
  coalesce(
    side_of_spot != lag(side_of_spot) over seconds
    or window_end_ts - lag(window_end_ts) over seconds != interval 1 second,
    true
  ) as is_change
  from positions
  window seconds as (partition by level_id order by window_end_ts)
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_end_ts,
level_id,
side_of_spot
from sides
where is_change and side_of_spot != 0
order by level_id, window_end_ts
