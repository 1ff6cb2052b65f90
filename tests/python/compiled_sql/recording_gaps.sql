with
inputs as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
trading_intervals as (
  select * from "silver"."trading_intervals"
  where symbol = '$symbol' and dt = date '$dt'
),
manifest as (
  select * from "bronze"."ingest_manifest"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshots as (
  select * from "silver"."book_snapshot_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and n_records > 0
),
records as not materialized (
  select * from "steps"."book_records"
  where symbol = '$symbol' and dt = date '$dt'
),
passes as (
  select * from "silver"."book_engine_manifest"
  where symbol = '$symbol' and dt = date '$dt'
),
future_status as (
  select * from "bronze"."future_status"
  where
  symbol = '$symbol' and dt = date '$dt'
  and action not in (0, 14)
),
seconds as (
  select
  window_start_ts,
  trade_count,
  sum(n_records) over so_far - n_records as first_ordinal,
  sum(n_records) over so_far as next_ordinal,
  lag(window_start_ts) over so_far as previous_start_ts
  from snapshots
  window so_far as (order by window_start_ts)
),
trading as (
  select
  trading_intervals.interval_no,
  trading_intervals.close_ts,
  case
  when trading_intervals.is_open_at_once then trading_intervals.open_ts
  else min(seconds.window_start_ts)
  end as trading_from_ts
  from trading_intervals
  left join seconds
  on
  trading_intervals.open_ts <= seconds.window_start_ts
  and trading_intervals.close_ts > seconds.window_start_ts
  and seconds.trade_count > 0
  group by
  trading_intervals.interval_no,
  trading_intervals.open_ts,
  trading_intervals.close_ts,
  trading_intervals.is_open_at_once
  having trading_intervals.is_open_at_once or count(seconds.window_start_ts) > 0
),
bad_records as (
  select
  rec_ordinal,
  rec_ordinal - row_number() over (order by rec_ordinal) as run
  from records
  where is_maybe_bad_book
),
ends as (
  select
  max(seconds.next_ordinal) as n_records,
  coalesce(max(seconds.next_ordinal) = max(passes.n_records), false) as is_whole_file
  from seconds
  left join passes on true
),
borders as (
  select
  'bad_book' as cause,
  greatest(min(bad_records.rec_ordinal) - 1, 0) as from_ordinal,
  least(max(bad_records.rec_ordinal) + 1, any_value(ends.n_records) - 1) as to_ordinal
  from bad_records
  cross join ends
  group by bad_records.run
  having
  max(bad_records.rec_ordinal) + 1 < any_value(ends.n_records)
  or any_value(ends.is_whole_file)
  union all
  select
  'silent' as cause,
  seconds.first_ordinal - 1 as from_ordinal,
  seconds.first_ordinal as to_ordinal
  from seconds
  cross join inputs
  where
  date_diff('second', seconds.previous_start_ts, seconds.window_start_ts)
  >= inputs.stale_after_s
),
border_ordinals as (
  select from_ordinal as rec_ordinal from borders
  union
  select to_ordinal as rec_ordinal from borders
),
border_records as (
  select
  records.rec_ordinal,
  case when records.is_snapshot then records.ts_recv else records.ts_event end as record_ts
  from records
  semi join border_ordinals
  on records.rec_ordinal = border_ordinals.rec_ordinal
),
border_times as (
  select
  border_records.rec_ordinal,
  greatest(
    border_records.record_ts, cast(seconds.window_start_ts as timestamp_ns)
  ) as record_ts
  from border_records
  asof inner join seconds
  on border_records.rec_ordinal >= seconds.first_ordinal
),
record_gaps as (
  select
  borders.cause,
  before_gap.record_ts as start_ts,
  after_gap.record_ts as end_ts
  from borders
  inner join border_times as before_gap
  on borders.from_ordinal = before_gap.rec_ordinal
  inner join border_times as after_gap
  on borders.to_ordinal = after_gap.rec_ordinal
),
states as (
  select
  greatest(ts_event, cast(dt as timestamp_ns)) as start_ts,
  action != 7 and reason = 6 as is_recovering,
  lead(ts_event, 1, cast(dt + interval 1 day as timestamp_ns)) over (
    order by rec_ordinal
  ) as end_ts
  from future_status
),
capture_gaps as (
  select unnest(manifest.gaps, recursive := true)
  from manifest
  inner join inputs
  on manifest.landed_path = inputs.book_path
),
gaps as (
  select * from record_gaps
  where cause = 'bad_book'
  union all
  select record_gaps.*
  from record_gaps
  cross join inputs
  semi join trading
  on
  least(epoch_ns(record_gaps.end_ts), epoch_ns(trading.close_ts))
  - greatest(epoch_ns(record_gaps.start_ts), epoch_ns(trading.trading_from_ts))
  > cast(inputs.stale_after_s as bigint) * 1000000000
  and record_gaps.cause = 'silent'
  union all
  select
  'status' as cause,
  start_ts,
  end_ts
  from states
  where is_recovering
  union all
  select
  'capture' as cause,
  start_ts,
  end_ts
  from capture_gaps
)
select distinct
inputs.symbol,
inputs.dt,
gaps.start_ts as gap_start_ts,
gaps.end_ts as gap_end_ts,
gaps.end_ts as known_at_ts,
gaps.cause
from gaps
cross join inputs
