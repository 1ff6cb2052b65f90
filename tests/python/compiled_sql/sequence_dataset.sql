with
decisions as (
  select
  symbol,
  dt,
  session_date,
  level_id,
  window_end_ts,
  level_price_int,
  k_ticks,
  approach_dir,
  decision_phase,
  candle_id,
  episode_id
  from "gold"."mbo_trigger_vectors"
  where symbol = '$symbol' and dt = date '$dt' and episode_id is not null
  qualify row_number() over (
    partition by episode_id, decision_phase
    order by window_end_ts
  ) = 1
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
offsets as (
  select * from "silver"."level_offset_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
market as (
  select * from "silver"."market_features_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
bands as (
  select * from "silver"."physics_bands_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
corridor as (
  select * from "silver"."level_corridor_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
depths as (
  select
  window_end_ts,
  min(spot_depth_per_tick) as spot_depth_per_tick
  from corridor
  group by window_end_ts
),
turn_states as (
  select * from "gold"."turn_conditions_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
exposures as (
  select * from "silver"."gex_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
labels as (
  select * from "gold"."level_labels"
  where symbol = '$symbol' and dt = date '$dt' and horizon_id = 's240'
),
barriers as (
  select * from "silver"."level_decisions"
  where symbol = '$symbol' and dt = date '$dt'
),
windows as (
  select
  time_bucket(
    interval 5 second, window_start_ts, timestamp '1970-01-01'
  ) + interval 5 second as window_end_ts,
  count(*) = 5 and bool_and(window_valid) as window_valid,
  arg_max(mid_price_int, window_end_ts) as mid_price_int
  from snapshot
  group by all
),
moves as (
  select
  windows.window_end_ts,
  windows.window_valid,
  case
  when
  windows.window_valid
  and lag(windows.window_valid) over in_time
  and lag(windows.window_end_ts) over in_time
  = windows.window_end_ts - interval 5 second
  then
  (windows.mid_price_int - lag(windows.mid_price_int) over in_time)
  / contract_day.tick_int
  end as mid_return_ticks
  from windows
  cross join contract_day
  window in_time as (order by windows.window_end_ts)
),
steps as (
  select
  level_id,
  decision_ts,
  decision_phase,
  approach_dir,
  level_price_int,
  row_no,
  decision_ts - to_seconds(5 * (240 - 1 - row_no)) as window_end_ts
  from (
    select
    level_id,
    window_end_ts as decision_ts,
    decision_phase,
    approach_dir,
    level_price_int,
    unnest(range(240)) as row_no
    from decisions
  )
),
unrecorded as (
  select distinct
  steps.level_id,
  steps.decision_ts,
  steps.row_no
  from steps
  inner join gaps
  on
  steps.decision_ts >= gaps.known_at_ts
  and steps.window_end_ts > gaps.gap_start_ts
  and steps.window_end_ts - interval 5 second < gaps.gap_end_ts
),
wanted as (
  select distinct
  window_end_ts,
  level_price_int
  from steps
),
strikes as (
  select
  wanted.window_end_ts,
  wanted.level_price_int,
  min_by(
    struct_pack(ratio := exposures.gex_imbalance_ratio),
    struct_pack(
      distance := abs(exposures.strike_price_int - wanted.level_price_int),
      strike_price_int := exposures.strike_price_int
    )
  ).ratio as gex_imbalance_ratio
  from wanted
  inner join exposures on wanted.window_end_ts = exposures.window_end_ts
  group by all
),
described as (
  select
  steps.level_id,
  steps.decision_ts,
  steps.row_no,
  coalesce(moves.window_valid, false)
  and offsets.k_ticks is not null
  and unrecorded.row_no is null as is_known,
  cast(offsets.k_ticks / 20 as float) as k_ticks_shares,
  cast(offsets.k_vol as float) as k_vols,
  cast(moves.mid_return_ticks as float) as mid_return_ticks,
  cast(offsets.sigma_1s_ticks as float) as sigmas_1s_ticks,
  cast(market.book_imbalance_l1 as float) as book_imbalances_l1,
  cast(market.ofi_5s / (depths.spot_depth_per_tick + 1) as float) as ofi_5s_rel_depths,
  cast(bands.above_score as float) as above_scores,
  cast(bands.below_score as float) as below_scores,
  cast(bands.vacuum_total_score as float) as vacuum_total_scores,
  cast(corridor.corridor_rel_depth as float) as corridor_rel_depths,
  cast(corridor.beyond_rel_depth as float) as beyond_rel_depths,
  cast(strikes.gex_imbalance_ratio as float) as gex_imbalance_ratios,
  cast(turn_states.asks_retreat_z as float) as asks_retreat_zs,
  cast(turn_states.asks_pull_z as float) as asks_pull_zs,
  cast(turn_states.bids_recede_z as float) as bids_recede_zs,
  cast(turn_states.bids_pull_z as float) as bids_pull_zs
  from steps
  left join moves on steps.window_end_ts = moves.window_end_ts
  left join offsets
  on
  steps.window_end_ts = offsets.window_end_ts
  and steps.level_id = offsets.level_id
  left join market on steps.window_end_ts = market.window_end_ts
  left join bands on steps.window_end_ts = bands.window_end_ts
  left join depths on steps.window_end_ts = depths.window_end_ts
  left join corridor
  on
  steps.window_end_ts = corridor.window_end_ts
  and steps.level_id = corridor.level_id
  and sign(corridor.k_ticks) = if(steps.approach_dir = 'approach_up', 1, -1)
  left join turn_states
  on
  steps.window_end_ts = turn_states.window_end_ts
  and steps.level_id = turn_states.level_id
  left join strikes
  on
  steps.window_end_ts = strikes.window_end_ts
  and steps.level_price_int = strikes.level_price_int
  left join unrecorded
  on
  steps.level_id = unrecorded.level_id
  and steps.decision_ts = unrecorded.decision_ts
  and steps.row_no = unrecorded.row_no
),
sequences as (
  select
  level_id,
  decision_ts,
  list(is_known order by row_no) as is_known,
  list(if(is_known, k_ticks_shares, null) order by row_no)
  as k_ticks_shares,
  list(if(is_known, k_vols, null) order by row_no)
  as k_vols,
  list(if(is_known, mid_return_ticks, null) order by row_no)
  as mid_return_ticks,
  list(if(is_known, sigmas_1s_ticks, null) order by row_no)
  as sigmas_1s_ticks,
  list(if(is_known, book_imbalances_l1, null) order by row_no)
  as book_imbalances_l1,
  list(if(is_known, ofi_5s_rel_depths, null) order by row_no)
  as ofi_5s_rel_depths,
  list(if(is_known, above_scores, null) order by row_no)
  as above_scores,
  list(if(is_known, below_scores, null) order by row_no)
  as below_scores,
  list(if(is_known, vacuum_total_scores, null) order by row_no)
  as vacuum_total_scores,
  list(if(is_known, corridor_rel_depths, null) order by row_no)
  as corridor_rel_depths,
  list(if(is_known, beyond_rel_depths, null) order by row_no)
  as beyond_rel_depths,
  list(if(is_known, gex_imbalance_ratios, null) order by row_no)
  as gex_imbalance_ratios,
  list(if(is_known, asks_retreat_zs, null) order by row_no)
  as asks_retreat_zs,
  list(if(is_known, asks_pull_zs, null) order by row_no)
  as asks_pull_zs,
  list(if(is_known, bids_recede_zs, null) order by row_no)
  as bids_recede_zs,
  list(if(is_known, bids_pull_zs, null) order by row_no)
  as bids_pull_zs
  from described
  group by all
)
select
decisions.symbol,
decisions.dt,
decisions.session_date,
decisions.level_id,
decisions.window_end_ts,
decisions.episode_id,
decisions.approach_dir,
decisions.decision_phase,
decisions.k_ticks,
offsets.k_vol,
offsets.closing_speed_15s,
offsets.sigma_1s_ticks,
decisions.candle_id,
sequences.is_known,
sequences.k_ticks_shares,
sequences.k_vols,
sequences.mid_return_ticks,
sequences.sigmas_1s_ticks,
sequences.book_imbalances_l1,
sequences.ofi_5s_rel_depths,
sequences.above_scores,
sequences.below_scores,
sequences.vacuum_total_scores,
sequences.corridor_rel_depths,
sequences.beyond_rel_depths,
sequences.gex_imbalance_ratios,
sequences.asks_retreat_zs,
sequences.asks_pull_zs,
sequences.bids_recede_zs,
sequences.bids_pull_zs,
labels.outcome_reached as outcome,
labels.label_end_ts
from decisions
inner join sequences
on
decisions.window_end_ts = sequences.decision_ts
and decisions.level_id = sequences.level_id
inner join barriers
on
decisions.window_end_ts = barriers.window_end_ts
and decisions.level_id = barriers.level_id
left join labels
on
decisions.window_end_ts = labels.window_end_ts
and decisions.level_id = labels.level_id
and barriers.barrier_mode = labels.barrier_kind
left join offsets
on
decisions.window_end_ts = offsets.window_end_ts
and decisions.level_id = offsets.level_id
order by decisions.window_end_ts, decisions.level_id
