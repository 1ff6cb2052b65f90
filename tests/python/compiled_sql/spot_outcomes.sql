with
moments as (
  select
  * exclude (barrier_ticks),
  cast(epoch(window_end_ts) as bigint) as moment_s,
  if(approach_dir = 'spot_up', 1, -1) as direction,
  row_number() over (order by window_end_ts) as moment_no
  from "silver"."spot_moments"
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
    moments.window_end_ts as moment_ts,
    min(struct_pack(
        path_end_s := greatest(
          cast(epoch(moments.window_end_ts) as bigint),
          epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
        ),
        known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
    )) as earliest
    from moments
    inner join recording_gaps
    on moments.window_end_ts < recording_gaps.gap_end_ts
    group by moments.window_end_ts
  ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
),
kinds as (
  select unnest(['fixed', 'vol']) as barrier_kind
),
known_horizons as (
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
horizons as (
  select * from known_horizons
  where horizon_id in ['s120', 's240', 's480', 'h1']
),
lengths as (
  select
  moments.*,
  horizons.horizon_id,
  cast(
    coalesce(
      elapsed_s,
      120 * (bars + 1)
      - cast(epoch(moments.window_end_ts) as bigint) % 120
    ) as integer
  ) as horizon_s
  from moments
  cross join horizons
),
labels as (
  select
  lengths.*,
  kinds.barrier_kind,
  cast(
    case
    when kinds.barrier_kind = 'fixed' then 8
    when lengths.sigma_1s_ticks is not null
    then greatest(lengths.barrier_min_ticks, least(40, floor(
          1.0 * lengths.sigma_1s_ticks * sqrt(lengths.horizon_s)
          + 0.5
    )))
    end as integer
  ) as barrier_ticks
  from lengths
  cross join kinds
),
numbered as (
  select
  labels.*,
  labels.moment_s + labels.horizon_s as horizon_end_s,
  path_ends.path_end_s,
  path_ends.gap_known_s,
  row_number() over (
    order by
    labels.moment_no, labels.horizon_s, labels.horizon_id, labels.barrier_kind
  ) as label_no
  from labels
  inner join path_ends on labels.window_end_ts = path_ends.moment_ts
  where labels.barrier_ticks is not null
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
      decision_no := moment_no,
      start_s := moment_s,
      direction := cast(direction as bigint),
      level_tick := spot_tick,
      x0_ticks := cast(0 as bigint),
      barrier_ticks := cast(barrier_ticks as bigint),
      horizon_end_s := horizon_end_s,
      path_end_s := path_end_s,
      reach_ticks := cast(0 as bigint)
    )
    order by label_no
  ) as labels
  from numbered
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
named as (
  select
  *,
  ['CHOP', 'BREAK', 'REJECT', 'CENSORED'][outcome + 1] as outcome_name
  from hits
)
select
'$symbol' as symbol,
date '$dt' as dt,
'spot' as level_id,
numbered.window_end_ts,
numbered.barrier_kind,
numbered.horizon_id,
numbered.approach_dir,
numbered.spot_tick,
numbered.barrier_ticks,
numbered.horizon_s,
named.outcome_name as outcome,
make_timestamp_ns(named.hit_ns) as first_hit_ts,
(named.hit_ns - numbered.moment_s * 1000000000) / 1e9 as time_to_hit_s,
make_timestamp_ns(named.second_hit_ns) as second_hit_ts,
named.second_hit_ns is not null as whipsaw_flag,
cast(named.mfe_ticks as integer) as mfe_ticks,
cast(named.mae_ticks as integer) as mae_ticks,
if(named.hit_ns is null, null, cast(named.adverse_before_hit_ticks as integer))
as adverse_before_hit_ticks,
case
when named.exit_outcome != 3
then cast(named.exit_x_ticks as integer)
end as exit_x_ticks,
make_timestamp(
  if(named.is_cut = 1, coalesce(numbered.gap_known_s, named.label_end_s), named.label_end_s)
  * 1000000
) as label_end_ts,
make_timestamp(
  if(named.is_cut = 1, coalesce(numbered.gap_known_s, named.label_end_s), named.label_end_s)
  * 1000000
) as available_from_ts
from numbered
inner join named on numbered.label_no = named.label_no
order by numbered.label_no
