with
moments as (
  select * from "steps"."level_event_moments"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
recording_gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
path_ends as (
  select
  moments.moment_ts,
  least(
    coalesce(of_seconds.path_end_s, moments.moment_s), of_gaps.earliest.path_end_s
  ) as path_end_s,
  case
  when of_gaps.earliest.path_end_s < coalesce(of_seconds.path_end_s, moments.moment_s)
  then of_gaps.earliest.known_s
  end as gap_known_s
  from (
    select distinct
    event_ts as moment_ts,
    cast(epoch(event_ts) as bigint) as moment_s
    from moments
  ) as moments
  left join (
    select
    second_s,
    min(end_s) over (order by second_s desc) as path_end_s
    from (
      select
      cast(epoch(window_start_ts) as bigint) as second_s,
      case
      when invalid_flags & 23 != 0 then second_s
      when
      coalesce(
        lead(window_start_ts) over (order by window_start_ts)
        != window_start_ts + interval 1 second,
        true
      )
      then second_s + 1
      end as end_s
      from snapshot
    )
  ) as of_seconds on moments.moment_s = of_seconds.second_s
  left join (
    select
    moments.event_ts as moment_ts,
    min(struct_pack(
        path_end_s := greatest(
          cast(epoch(moments.event_ts) as bigint),
          epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
        ),
        known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
    )) as earliest
    from moments
    inner join recording_gaps
    on moments.event_ts < recording_gaps.gap_end_ts
    group by moments.event_ts
  ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
),
horizons as (
  select unnest([2, 4, 8]) as horizon_min
),
ends as (
  select
  moments.*,
  horizons.horizon_min,
  moments.event_ts + to_minutes(horizons.horizon_min) as horizon_end_ts,
  timestamp '1970-01-01' + to_seconds(path_ends.path_end_s) as path_end_ts,
  timestamp '1970-01-01' + to_seconds(path_ends.gap_known_s) as gap_known_ts
  from moments
  inner join path_ends on moments.event_ts = path_ends.moment_ts
  cross join horizons
),
paths as (
  select
  *,
  path_end_ts < horizon_end_ts as is_cut,
  least(path_end_ts, horizon_end_ts) as end_ts
  from ends
),
trades as (
  select
  contract_trades.window_start_ts,
  contract_trades.price_int,
  contract_trades.price_int // contract_day.tick_int as trade_tick,
  min(contract_trades.trade_no) as first_no,
  arg_min(contract_trades.ts_event, contract_trades.trade_no) as first_ts,
  max(contract_trades.trade_no) as last_no
  from "steps"."contract_trades" as contract_trades
  cross join contract_day
  where
  contract_trades.symbol = '$symbol' and contract_trades.dt = date '$dt'
  and contract_trades.price_int is not null
  group by contract_trades.window_start_ts, contract_trades.price_int, contract_day.tick_int
),
path_trades as (
  select
  paths.event_id,
  paths.horizon_min,
  trades.*,
  cast(paths.direction_sign * (trades.trade_tick - paths.level_tick) as integer) as x_ticks
  from paths
  inner join trades
  on
  paths.event_ts <= trades.window_start_ts
  and paths.end_ts > trades.window_start_ts
),
hits as (
  select
  event_id,
  horizon_min,
  max(x_ticks) as high_ticks,
  min(x_ticks) as low_ticks,
  arg_max(price_int, last_no) as last_price_int,
  min(first_no) filter (x_ticks >= 3) as break_1_no,
  min(first_no) filter (x_ticks <= -3) as bounce_1_no,
  arg_min(first_ts, first_no) filter (x_ticks >= 3) as break_1_ts,
  arg_min(first_ts, first_no) filter (x_ticks <= -3)
  as bounce_1_ts,
  min(first_no) filter (x_ticks >= 8) as break_2_no,
  min(first_no) filter (x_ticks <= -8) as bounce_2_no,
  arg_min(first_ts, first_no) filter (x_ticks >= 8) as break_2_ts,
  arg_min(first_ts, first_no) filter (x_ticks <= -8)
  as bounce_2_ts,
  arg_min(first_ts, first_no) filter (abs(x_ticks) >= 8) as confirm_ts,
  arg_min(window_start_ts, first_no) filter (abs(x_ticks) >= 8)
  as confirm_start_ts
  from path_trades
  group by event_id, horizon_min
),
excursions as (
  select
  paths.*,
  hits.last_price_int,
  hits.confirm_ts,
  hits.confirm_start_ts,
  hits.break_1_ts,
  hits.bounce_1_ts,
  hits.break_1_no is not null or hits.bounce_1_no is not null
  as is_reached_1,
  hits.break_2_ts,
  hits.bounce_2_ts,
  hits.break_2_no is not null or hits.bounce_2_no is not null
  as is_reached_2,
  case
  when hits.break_2_no < coalesce(hits.bounce_2_no, hits.break_2_no + 1) then 'BREAK'
  when hits.bounce_2_no is not null then 'REJECT'
  when paths.is_cut then 'CENSORED'
  else 'CHOP'
  end as outcome,
  greatest(coalesce(hits.high_ticks + paths.direction_sign * paths.k_ticks, 0), 0)
  as excursion_max_ticks,
  least(coalesce(hits.low_ticks + paths.direction_sign * paths.k_ticks, 0), 0)
  as excursion_min_ticks
  from paths
  left join hits
  on
  paths.event_id = hits.event_id
  and paths.horizon_min = hits.horizon_min
),
timed as (
  select
  *,
  (epoch_ns(break_1_ts) - epoch_ns(event_ts))
  / epoch_ns(interval 1 second) as time_to_break_1,
  (epoch_ns(bounce_1_ts) - epoch_ns(event_ts))
  / epoch_ns(interval 1 second) as time_to_bounce_1,
  case when is_reached_1 or not is_cut then is_reached_1 end
  as tradeable_1,
  (epoch_ns(break_2_ts) - epoch_ns(event_ts))
  / epoch_ns(interval 1 second) as time_to_break_2,
  (epoch_ns(bounce_2_ts) - epoch_ns(event_ts))
  / epoch_ns(interval 1 second) as time_to_bounce_2,
  case when is_reached_2 or not is_cut then is_reached_2 end
  as tradeable_2
  from excursions
)
select
timed.event_id,
timed.symbol,
timed.dt,
timed.horizon_min,
timed.outcome,
timed.excursion_max_ticks,
timed.excursion_min_ticks,
timed.excursion_max_ticks + timed.excursion_min_ticks as strength_signed,
abs(timed.excursion_max_ticks + timed.excursion_min_ticks) as strength_abs,
least(timed.time_to_break_1, timed.time_to_bounce_1)
as time_to_threshold_1,
least(timed.time_to_break_2, timed.time_to_bounce_2)
as time_to_threshold_2,
timed.time_to_break_1,
timed.time_to_break_2,
timed.time_to_bounce_1,
timed.time_to_bounce_2,
timed.tradeable_1,
timed.tradeable_2,
case
when not timed.is_cut
then coalesce(timed.last_price_int / 1e9, timed.entry_price)
end as future_price,
timed.confirm_ts,
snapshot.spot_ref_price as anchor_spot,
if(timed.is_cut, coalesce(timed.gap_known_ts, timed.path_end_ts), timed.horizon_end_ts)
as label_end_ts
from timed
left join snapshot on timed.confirm_start_ts = snapshot.window_start_ts
order by timed.event_id, timed.horizon_min
