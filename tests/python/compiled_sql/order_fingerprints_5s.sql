with
fingerprint_windows as (
  select * from "steps"."fingerprint_windows_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
valid_seconds as (
  select
  window_start_ts,
  window_end_ts,
  count(*) filter (window_valid) over (
    order by window_start_ts
    range between interval 4 second preceding and current row
  ) as in_window,
  count(*) filter (window_valid) over (
    order by window_start_ts
    range between interval 59 second preceding and current row
  ) as in_minute
  from snapshot
),
windows as (
  select
  make_timestamp(
    (cast(epoch(valid_seconds.window_start_ts) as bigint) // 5 + 1) * 5000000
  ) as window_end_ts,
  coalesce(
    max(valid_seconds.in_window)
    filter (epoch(valid_seconds.window_end_ts) % 5 = 0),
    0
  ) = 5 as is_valid,
  coalesce(
    max(valid_seconds.in_minute)
    filter (epoch(valid_seconds.window_end_ts) % 5 = 0),
    0
  ) = 60 as is_minute_valid
  from valid_seconds
  cross join contract_day
  where
  contract_day.book_source = 'mbo'
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> valid_seconds.window_start_ts >= part.start_ts
        and valid_seconds.window_start_ts < part.end_ts
      )
    ) > 0
  )
  group by 1
),
sides as (
  select unnest(['A', 'B']) as side
)
select
'$symbol' as symbol,
date '$dt' as dt,
windows.window_end_ts - interval 5 second as window_start_ts,
windows.window_end_ts,
sides.side,
windows.is_valid,
case
when windows.is_valid
then fingerprint_windows.add_count
end as add_count,
case
when windows.is_valid
then fingerprint_windows.add_size_entropy
end as add_size_entropy,
case
when windows.is_valid
then fingerprint_windows.top_size
end as top_size,
case
when windows.is_valid
then fingerprint_windows.top_size_share
end as top_size_share,
case
when windows.is_minute_valid
then fingerprint_windows.top_size_share_null_q95
end as top_size_share_null_q95,
case
when windows.is_valid
then fingerprint_windows.cancel_count
end as cancel_count,
case
when windows.is_valid
then fingerprint_windows.requote_count
end as requote_count,
case
when windows.is_valid
then fingerprint_windows.requote_pair_count
end as requote_pair_count,
case
when windows.is_valid
then fingerprint_windows.requote_median_ms
end as requote_median_ms,
case
when windows.is_valid
then fingerprint_windows.requote_share
end as requote_share,
case
when windows.is_minute_valid
then fingerprint_windows.requote_share_null_q95
end as requote_share_null_q95,
case
when windows.is_valid
then fingerprint_windows.chase_share
end as chase_share,
case
when windows.is_minute_valid
then fingerprint_windows.chase_share_null_q95
end as chase_share_null_q95,
case
when windows.is_valid
then fingerprint_windows.approached_qty
end as approached_qty,
case
when windows.is_valid
then fingerprint_windows.withdrawn_qty
end as withdrawn_qty,
case
when windows.is_valid
then fingerprint_windows.withdraw_on_approach_share
end as withdraw_on_approach_share,
case
when windows.is_minute_valid
then fingerprint_windows.withdraw_on_approach_share_null_q95
end as withdraw_on_approach_share_null_q95,
case
when windows.is_valid
then fingerprint_windows.react_1ms
end as react_1ms,
case
when windows.is_minute_valid
then fingerprint_windows.react_1ms_null_q95
end as react_1ms_null_q95,
case
when windows.is_valid
then fingerprint_windows.react_5ms
end as react_5ms,
case
when windows.is_minute_valid
then fingerprint_windows.react_5ms_null_q95
end as react_5ms_null_q95,
case
when windows.is_valid
then fingerprint_windows.react_20ms
end as react_20ms,
case
when windows.is_minute_valid
then fingerprint_windows.react_20ms_null_q95
end as react_20ms_null_q95,
case
when windows.is_valid
then fingerprint_windows.n_orders_max_life_ms_10
end as n_orders_max_life_ms_10,
case
when windows.is_valid
then fingerprint_windows.refill_count
end as refill_count,
case
when windows.is_valid
then fingerprint_windows.refill_qty
end as refill_qty,
case
when windows.is_valid
then fingerprint_windows.reload_count
end as reload_count,
case
when windows.is_valid
then fingerprint_windows.reload_qty
end as reload_qty,
case
when windows.is_valid
then fingerprint_windows.hidden_fill_qty
end as hidden_fill_qty,
case
when windows.is_minute_valid
then fingerprint_windows.periodicity_s
end as periodicity_s,
case
when windows.is_minute_valid
then fingerprint_windows.periodicity_size
end as periodicity_size,
case
when windows.is_minute_valid
then fingerprint_windows.periodicity_n
end as periodicity_n,
case
when windows.is_minute_valid
then fingerprint_windows.periodicity_power
end as periodicity_power,
case
when windows.is_minute_valid
then fingerprint_windows.periodicity_coherence
end as periodicity_coherence,
case
when windows.is_minute_valid
then fingerprint_windows.periodicity_p
end as periodicity_p
from windows
cross join sides
left join fingerprint_windows
on
windows.window_end_ts = fingerprint_windows.window_end_ts
and sides.side = fingerprint_windows.side
order by windows.window_end_ts, sides.side
