with
windows as (
  select * from "silver"."mbo_level_vacuum_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
decisions as (
  select * from "silver"."level_decisions"
  where
  symbol = '$symbol' and dt = date '$dt'
  and decision_phase is not null
),
courses as (
  select * from "silver"."approach_course_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
signals as (
  select * from "gold"."mbo_trigger_signals"
  where symbol = '$symbol' and dt = date '$dt'
),
thresholds as (
  select * from "reference"."trigger_thresholds"
  where root = case
  when '$symbol' in ['AAPL'] then '$symbol'
  else nullif(regexp_extract('$symbol', '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end
),
directed as (
  select
  windows.* exclude (approach_dir),
  coalesce(decisions.approach_dir, 'approach_' || courses.direction, windows.approach_dir)
  as approach_dir
  from windows
  left join decisions
  on
  windows.window_end_ts = decisions.window_end_ts
  and windows.level_id = decisions.level_id
  left join courses
  on
  windows.window_end_ts = courses.window_end_ts
  and windows.level_id = courses.level_id
),
pressures as (
  select
  symbol,
  dt,
  window_end_ts,
  level_id,
  level_price_int,
  k_ticks,
  approach_dir,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(u1_ask_com_disp_log)))
  when 'approach_down' then 1 / (1 + exp(-(f1_ask_com_disp_log)))
  end as pressure_above_retreat,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(u5_ask_pull_add_log_rest)))
  when 'approach_down' then 1 / (1 + exp(-(f2_ask_pull_add_log_rest)))
  end as pressure_above_decay_or_build,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(u7_ask_near_pull_share_rest - 0.5)))
  when 'approach_down' then 1 / (1 + exp(-(f2_ask_near_pull_share_rest - 0.5)))
  end as pressure_above_localization,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(d2_u5_ask_pull_add_log_rest)))
  when 'approach_down' then 1 / (1 + exp(-(d2_f2_ask_pull_add_log_rest)))
  end as pressure_above_shock,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(u8_bid_com_approach_log)))
  when 'approach_down' then 1 / (1 + exp(-(f3_bid_com_disp_log)))
  end as pressure_below_retreat_or_recede,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(u12_bid_add_pull_log_rest)))
  when 'approach_down' then 1 / (1 + exp(-(f4_bid_pull_add_log_rest)))
  end as pressure_below_decay_or_build,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(u10_bid_near_share_rise)))
  when 'approach_down' then 1 / (1 + exp(-(f4_bid_near_pull_share_rest - 0.5)))
  end as pressure_below_localization,
  case approach_dir
  when 'approach_up' then 1 / (1 + exp(-(d2_u12_bid_add_pull_log_rest)))
  when 'approach_down' then 1 / (1 + exp(-(d2_f4_bid_pull_add_log_rest)))
  end as pressure_below_shock
  from directed
),
scores as (
  select
  *,
  (
    pressure_above_retreat +
    pressure_above_decay_or_build +
    pressure_above_localization +
    pressure_above_shock
  ) / 4 as pressure_above_score,
  (
    pressure_below_retreat_or_recede +
    pressure_below_decay_or_build +
    pressure_below_localization +
    pressure_below_shock
  ) / 4 as pressure_below_score,
  (pressure_above_score + pressure_below_score) / 2 as vacuum_score
  from pressures
)
select
scores.window_end_ts as ts_end,
scores.symbol,
scores.dt,
cast(timezone('America/New_York', timezone('UTC', scores.window_end_ts)) as date) as session_date,
scores.level_id,
scores.level_price_int,
scores.k_ticks,
scores.approach_dir,
scores.pressure_above_retreat,
scores.pressure_above_decay_or_build,
scores.pressure_above_localization,
scores.pressure_above_shock,
scores.pressure_below_retreat_or_recede,
scores.pressure_below_decay_or_build,
scores.pressure_below_localization,
scores.pressure_below_shock,
scores.pressure_above_score,
scores.pressure_below_score,
scores.vacuum_score,
signals.p_break,
signals.p_reject,
signals.p_chop,
signals.p_top1,
signals.margin,
signals.risk_q80_ticks,
signals.resolve_rate,
signals.whipsaw_rate,
signals.c_top1,
signals.neighbors_ok,
signals.n_eff,
signals.base_top1,
coalesce(signals.fire_flag, false) as fire_flag,
coalesce(signals.signal, 'NONE') as signal,
signals.episode_id,
case
when scores.approach_dir = 'approach_none' then 'IDLE'
when signals.fire_flag then 'FIRE'
when
scores.vacuum_score >= thresholds.armed_vacuum_min
and signals.margin >= thresholds.armed_margin_min
then 'ARMED'
when scores.vacuum_score >= thresholds.watch_vacuum_min then 'WATCH'
else 'TRACK'
end as signal_state
from scores
cross join thresholds
left join signals
on
scores.level_id = signals.level_id
and scores.window_end_ts = signals.trigger_ts
order by scores.level_id, scores.window_end_ts
