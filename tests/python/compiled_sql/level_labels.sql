with
decisions as (
  select
  * exclude (barrier_ticks),
  cast(epoch(window_end_ts) as bigint) as decision_s,
  if(approach_dir = 'approach_up', 1, -1) as direction,
  row_number() over (order by window_end_ts, level_id) as decision_no
  from "silver"."level_decisions"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_eligible
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
    window_end_ts as moment_ts,
    cast(epoch(window_end_ts) as bigint) as moment_s
    from decisions
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
    decisions.window_end_ts as moment_ts,
    min(struct_pack(
        path_end_s := greatest(
          cast(epoch(decisions.window_end_ts) as bigint),
          epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
        ),
        known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
    )) as earliest
    from decisions
    inner join recording_gaps
    on decisions.window_end_ts < recording_gaps.gap_end_ts
    group by decisions.window_end_ts
  ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
),
kinds as (
  select unnest(['fixed', 'vol']) as barrier_kind
),
horizons as (
  select
  horizon_id,
  elapsed_s,
  bars
  from (values ('s120',
      120,
      null),
    ('s240',
      240,
      null),
    ('s480',
      480,
      null),
    ('h0',
      null,
      0),
    ('h1',
      null,
      1),
    ('h2',
      null,
      2),
    ('h3',
      null,
      3),
    ('h4',
      null,
      4),
    ('h5',
      null,
      5),
    ('h6',
      null,
      6)) as horizons (horizon_id,
    elapsed_s,
    bars)
),
ends as (
  select
  decisions.*,
  horizons.horizon_id,
  cast(
    coalesce(
      elapsed_s,
      120 * (bars + 1)
      - cast(epoch(decisions.window_end_ts) as bigint) % 120
    ) as integer
  ) as horizon_s
  from decisions
  cross join horizons
),
labels as (
  select
  ends.*,
  kinds.barrier_kind,
  cast(
    case
    when kinds.barrier_kind = 'fixed' then 8
    when ends.sigma_1s_ticks is not null
    then greatest(ends.barrier_min_ticks, least(40, floor(
          1.0 * ends.sigma_1s_ticks * sqrt(ends.horizon_s)
          + 0.5
    )))
    end as integer
  ) as barrier_ticks
  from ends
  cross join kinds
),
judged as (
  select
  *,
  case
  when barrier_ticks is null then 'no_sigma'
  when abs(x_ticks) >= barrier_ticks then 'beyond_barrier'
  end as label_reason,
  row_number() over (
    order by decision_no, horizon_s, horizon_id, barrier_kind
  ) as label_no
  from labels
),
with_paths as (
  select
  judged.*,
  judged.decision_s + judged.horizon_s as horizon_end_s,
  path_ends.path_end_s,
  path_ends.gap_known_s
  from judged
  inner join path_ends on judged.window_end_ts = path_ends.moment_ts
),
trades as (
  select
  contract_trades.trade_no,
  cast(epoch(contract_trades.window_start_ts) as bigint) as window_s,
  contract_trades.price_int // contract_day.tick_int as trade_tick,
  epoch_ns(contract_trades.ts_event) as ts_event_ns
  from "steps"."contract_trades" as contract_trades
  cross join contract_day
  where
  contract_trades.symbol = '$symbol' and contract_trades.dt = date '$dt'
  and contract_trades.price_int is not null
),
trade_list as (
  select
  coalesce(
    list(struct_pack(
        trade_no := trade_no,
        window_s := window_s,
        trade_tick := trade_tick,
        ts_event_ns := ts_event_ns
    )),
    []
  ) as trades
  from trades
),
label_list as (
  select
  list(label_no order by label_no) as label_nos,
  list(
    struct_pack(
      decision_no := decision_no,
      start_s := decision_s,
      direction := cast(direction as bigint),
      level_tick := level_tick,
      x0_ticks := cast(x_ticks as bigint),
      barrier_ticks := cast(barrier_ticks as bigint),
      horizon_end_s := horizon_end_s,
      path_end_s := path_end_s,
      reach_ticks := if(
        decision_phase = 'approaching',
        2,
        greatest(2, -x_ticks)
      )
    )
    order by label_no
  ) as labels
  from with_paths
  where label_reason is null
),
hits as (
  select
  unnest(label_list.label_nos) as label_no,
  unnest(
    first_hits(trade_list.trades, label_list.labels), recursive := true
  )
  from trade_list
  cross join label_list
),
named_hits as (
  select
  *,
  ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][outcome + 1] as outcome_name,
  ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][outcome_after_touch + 1] as outcome_after_touch_name,
  ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][outcome_reached + 1] as outcome_reached_name,
  ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][exit_outcome + 1] as exit_outcome_name,
  case when reached >= 0 then reached = 1 end as is_reached
  from hits
)
select
labels.symbol,
labels.dt,
labels.level_id,
labels.window_end_ts,
labels.barrier_kind,
labels.horizon_id,
labels.decision_phase,
hits.outcome_name as outcome,
case
when hits.outcome_name in ('BREAK', 'REJECT')
then hits.outcome_name || if(
  (labels.direction = 1) = (hits.outcome_name = 'BREAK'), '_UP', '_DOWN'
)
else hits.outcome_name
end as outcome_dir,
labels.label_reason,
labels.barrier_ticks,
labels.horizon_s,
labels.x_ticks as x0_ticks,
if(hits.label_no is null, null, hits.touch_ns is not null or labels.x_ticks >= 0)
as touched,
case
when hits.label_no is not null and labels.x_ticks >= 0
then cast(labels.window_end_ts as timestamp_ns)
else make_timestamp_ns(hits.touch_ns)
end as touch_ts,
hits.outcome_after_touch_name as outcome_after_touch,
hits.is_reached as reached,
case
when hits.is_reached
then coalesce(
  make_timestamp_ns(hits.reaching_ns), cast(labels.window_end_ts as timestamp_ns)
)
end as reached_ts,
hits.outcome_reached_name as outcome_reached,
make_timestamp_ns(hits.reached_hit_ns) as reached_hit_ts,
case
when hits.exit_outcome_name != 'CENSORED'
then coalesce(
  make_timestamp_ns(hits.exit_ns), cast(labels.window_end_ts as timestamp_ns)
)
end as exit_ts,
case
when hits.exit_outcome_name != 'CENSORED' then cast(hits.exit_x_ticks as integer)
end as exit_x_ticks,
case
when hits.exit_outcome_name != 'CENSORED' then cast(hits.mfe_to_exit_ticks as integer)
end as mfe_to_exit_ticks,
case
when hits.exit_outcome_name != 'CENSORED' then cast(hits.mae_to_exit_ticks as integer)
end as mae_to_exit_ticks,
hits.whipsaw_reached = 1 as whipsaw_reached,
make_timestamp_ns(hits.hit_ns) as first_hit_ts,
(hits.hit_ns - labels.decision_s * 1000000000) / 1e9 as time_to_hit_s,
make_timestamp_ns(hits.second_hit_ns) as second_hit_ts,
if(hits.label_no is null, null, hits.second_hit_ns is not null) as whipsaw_flag,
cast(hits.mfe_ticks as integer) as mfe_ticks,
cast(hits.mae_ticks as integer) as mae_ticks,
if(hits.hit_ns is null, null, cast(hits.adverse_before_hit_ticks as integer))
as adverse_before_hit_ticks,
format(
  '{}_{}_{}_{}_{}',
  labels.symbol,
  strftime(labels.dt, '%Y-%m-%d'),
  labels.level_id,
  replace(labels.approach_dir, 'approach_', ''),
  cast(epoch(labels.first_window_end_ts) as bigint)
) as episode_id,
make_timestamp(
  if(hits.is_cut = 1, coalesce(labels.gap_known_s, hits.label_end_s), hits.label_end_s)
  * 1000000
) as label_end_ts
from with_paths as labels
left join named_hits as hits on labels.label_no = hits.label_no
order by labels.label_no
