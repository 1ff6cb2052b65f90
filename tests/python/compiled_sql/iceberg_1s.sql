with
fingerprint_windows as (
  select * from "steps"."fingerprint_windows_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
icebergs as (
  select
  side,
  unnest(icebergs, recursive := true)
  from fingerprint_windows
)
select
'$symbol' as symbol,
date '$dt' as dt,
icebergs.window_end_ts - interval 1 second as window_start_ts,
icebergs.window_end_ts,
icebergs.side,
icebergs.price_int,
icebergs.refill_count,
icebergs.refill_qty,
icebergs.reload_count,
icebergs.reload_qty,
icebergs.hidden_fill_qty,
coalesce(snapshot.window_valid, false) as window_valid
from icebergs
left join snapshot on icebergs.window_end_ts = snapshot.window_end_ts
order by icebergs.window_end_ts, icebergs.side, icebergs.price_int
