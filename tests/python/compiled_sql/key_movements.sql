with
seconds as (
  select * from "steps"."movement_seconds_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_study and mid_half_ticks is not null
),
second_list as (
  select
  list(
    struct_pack(
      second_s := cast(epoch(window_end_ts) as bigint),
      mid_half_ticks := mid_half_ticks,
      threshold_ticks := case
      when sigma_1s_ticks is not null
      then greatest(
        8,
        3 * sigma_1s_ticks
        * sqrt(60)
      )
      end
    )
    order by window_end_ts
  ) as seconds
  from seconds
),
found as (
  select
  unnest(
    key_movements(
      coalesce(seconds, []),
      60,
      cast(3 as double)
    ),
    recursive := true
  )
  from second_list
),
movements as (
  select
  if(direction > 0, 'up', 'down') as direction,
  cast(make_timestamp(scanned_s * 1000000) as timestamp) as scanned_window_end_ts,
  cast(make_timestamp(start_s * 1000000) as timestamp) as start_window_end_ts,
  cast(make_timestamp(end_s * 1000000) as timestamp) as end_window_end_ts,
  cast(make_timestamp(looked_until_s * 1000000) as timestamp) as label_end_ts,
  cast(end_s - start_s as integer) as duration_s
  from found
)
select
'$symbol' as symbol,
date '$dt' as dt,
movements.start_window_end_ts,
movements.direction,
movements.scanned_window_end_ts,
movements.end_window_end_ts,
abs(last_seconds.mid_half_ticks - first_seconds.mid_half_ticks) / 2 as move_ticks,
case
when scanned.sigma_1s_ticks is not null
then greatest(
  8,
  3 * scanned.sigma_1s_ticks
  * sqrt(60)
)
end as threshold_ticks,
movements.duration_s,
first_seconds.sigma_1s_ticks,
first_seconds.spread_ticks,
first_seconds.mid_price_int as start_mid_price_int,
movements.label_end_ts
from movements
inner join seconds as first_seconds on movements.start_window_end_ts = first_seconds.window_end_ts
inner join seconds as last_seconds on movements.end_window_end_ts = last_seconds.window_end_ts
inner join seconds as scanned on movements.scanned_window_end_ts = scanned.window_end_ts
order by movements.start_window_end_ts
