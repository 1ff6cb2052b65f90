with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select
  book.window_start_ts,
  book.window_end_ts,
  contract_day.surface_windows,
  case
  when book.window_valid then 2 * book.mid_price_int // contract_day.tick_int
  end as mid_half_ticks,
  case when book.window_valid then book.mid_price_int end as mid_price_int,
  case
  when book.window_valid
  then cast(
    (book.best_ask_price_int - book.best_bid_price_int) // contract_day.tick_int
    as integer
  )
  end as spread_ticks,
  (book.best_bid_qty - book.best_ask_qty) / (book.best_bid_qty + book.best_ask_qty)
  as best_imbalance
  from "silver"."book_snapshot_1s" as book
  cross join contract_day
  where book.symbol = '$symbol' and book.dt = date '$dt'
),
changes as (
  select
  *,
  spread_ticks / 2 * best_imbalance as microprice_offset_ticks,
  case
  when lag(window_start_ts) over seconds = window_start_ts - interval 1 second
  then mid_half_ticks - lag(mid_half_ticks) over seconds
  end as mid_change_half_ticks,
  case
  when mid_half_ticks is null then window_end_ts
  when
  coalesce(
    lag(window_start_ts) over seconds != window_start_ts - interval 1 second, true
  )
  then window_start_ts
  end as run_start_ts
  from snapshot
  window seconds as (order by window_start_ts)
),
sums as (
  select
  *,
  max(run_start_ts) over (
    order by window_start_ts rows between unbounded preceding and current row
  ) as last_run_start_ts,
  cast(sum(mid_change_half_ticks) over lookback as bigint) as change_sum,
  cast(sum(mid_change_half_ticks * mid_change_half_ticks) over lookback as bigint)
  as square_sum,
  count(mid_change_half_ticks) over lookback as change_count,
  lag(window_start_ts, 1) over windows
  = window_start_ts - interval 1 second as is_known_1,
  lag(spread_ticks, 1) over windows
  as spread_ticks_1,
  lag(microprice_offset_ticks, 1) over windows
  as microprice_offset_ticks_1,
  lag(window_start_ts, 2) over windows
  = window_start_ts - interval 2 second as is_known_2,
  lag(spread_ticks, 2) over windows
  as spread_ticks_2,
  lag(microprice_offset_ticks, 2) over windows
  as microprice_offset_ticks_2,
  lag(window_start_ts, 3) over windows
  = window_start_ts - interval 3 second as is_known_3,
  lag(spread_ticks, 3) over windows
  as spread_ticks_3,
  lag(microprice_offset_ticks, 3) over windows
  as microprice_offset_ticks_3
  from changes
  window
  lookback as (
    order by window_start_ts
    rows between 299 preceding and current row
  ),
  windows as (order by window_start_ts)
),
seconds as (
  select
  *,
  (
    cast(timezone('America/New_York', timezone('UTC', window_start_ts)) as time) >= time '09:30'
    and cast(timezone('America/New_York', timezone('UTC', window_start_ts)) as time) < time '12:30'
  ) as in_study,
  cast(epoch(window_end_ts) - epoch(last_run_start_ts) as integer) as valid_run_s,
  list(mid_half_ticks) over (
    order by window_start_ts desc
    rows between 1 following and 30 following
  ) as earlier_mids
  from sums
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_end_ts,
in_study,
cast(
  (60 * hour(timezone('America/New_York', timezone('UTC', window_start_ts))) + minute(timezone('America/New_York', timezone('UTC', window_start_ts))))
  // 30 as integer
) as ny_half_hour,
mid_price_int,
mid_half_ticks,
valid_run_s,
case
when mid_half_ticks is not null
then cast(
  coalesce(
    list_position(
      list_transform(
        earlier_mids[:valid_run_s - 1],
        mid -> mid < mid_half_ticks
      ),
      true
    ) - 1,
    least(valid_run_s - 1, 30)
  ) as integer
)
end as low_for_s,
case
when mid_half_ticks is not null
then cast(
  coalesce(
    list_position(
      list_transform(
        earlier_mids[:valid_run_s - 1],
        mid -> mid > mid_half_ticks
      ),
      true
    ) - 1,
    least(valid_run_s - 1, 30)
  ) as integer
)
end as high_for_s,
case
when change_count >= 120
then sqrt(
  (change_count * square_sum - change_sum * change_sum)
  / (change_count * (change_count - 1))
) / 2
end as sigma_1s_ticks,
spread_ticks,
microprice_offset_ticks,
case when is_known_1 then spread_ticks - spread_ticks_1 end as d1_spread_ticks,
case when is_known_1 then microprice_offset_ticks - microprice_offset_ticks_1 end as d1_microprice_offset_ticks,
case
when is_known_2 then spread_ticks - spread_ticks_1 - (spread_ticks_1 - spread_ticks_2)
end as d2_spread_ticks,
case
when is_known_2 then microprice_offset_ticks - microprice_offset_ticks_1 - (microprice_offset_ticks_1 - microprice_offset_ticks_2)
end as d2_microprice_offset_ticks,
case
when is_known_3
then
spread_ticks - spread_ticks_1 - (spread_ticks_1 - spread_ticks_2)
- (spread_ticks_1 - spread_ticks_2 - (spread_ticks_2 - spread_ticks_3))
end as d3_spread_ticks,
case
when is_known_3
then
microprice_offset_ticks - microprice_offset_ticks_1 - (microprice_offset_ticks_1 - microprice_offset_ticks_2)
- (microprice_offset_ticks_1 - microprice_offset_ticks_2 - (microprice_offset_ticks_2 - microprice_offset_ticks_3))
end as d3_microprice_offset_ticks
from seconds
where in_study or (
  surface_windows is null
  or len(
    list_filter(
      surface_windows,
      part -> window_start_ts >= part.start_ts
      and window_start_ts < part.end_ts
    )
  ) > 0
)
order by window_end_ts
