with
offsets as (
  select * from "silver"."level_offset_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and abs(k_ticks) <= 100
),
levels as (
  select * from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt' and is_active
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
)
select
offsets.symbol,
offsets.dt,
snapshot.window_start_ts,
offsets.window_end_ts,
offsets.level_id,
levels.level_tick,
levels.level_price_int,
offsets.k_ticks,
offsets.approach_dir,
snapshot.window_valid
from offsets
inner join levels
on
offsets.window_end_ts = levels.window_end_ts
and offsets.level_id = levels.level_id
inner join snapshot on offsets.window_end_ts = snapshot.window_end_ts
cross join contract_day
where (
  contract_day.option_windows is null
  or len(
    list_filter(
      contract_day.option_windows,
      part -> snapshot.window_start_ts >= part.start_ts
      and snapshot.window_start_ts < part.end_ts
    )
  ) > 0
)
and contract_day.mbp10_path is not null
order by offsets.level_id, offsets.window_end_ts
