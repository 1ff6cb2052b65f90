with
episodes as (
  select * from "gold"."approach_episodes"
  where symbol = '$symbol' and dt = date '$dt'
),
fingerprints as (
  select * from "silver"."order_fingerprints_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
decisions as (
  select * from "silver"."level_decisions"
  where symbol = '$symbol' and dt = date '$dt'
),
outcomes as (
  select * from "gold"."level_outcomes"
  where
  symbol = '$symbol' and dt = date '$dt'
  and horizon_id = 's240'
),
windows as (
  select
  latest.*,
  case
  when latest.periodicity_p is not null and before.periodicity_p is not null
  then
  latest.periodicity_p <= 0.005
  and before.periodicity_p <= 0.005
  and latest.periodicity_size = before.periodicity_size
  and abs(1 / latest.periodicity_s - 1 / before.periodicity_s) < 1.5 / 60
  end as is_periodic
  from fingerprints as latest
  left join fingerprints as before
  on
  latest.side = before.side
  and latest.window_end_ts = before.window_end_ts + interval 5 second
),
moments as (
  select
  episode_id,
  approach_dir,
  'approach' as moment,
  first_window_end_ts - interval 60 second as after_ts,
  first_window_end_ts as until_ts
  from episodes
  union all
  select
  episode_id,
  approach_dir,
  'touch' as moment,
  time_bucket(interval 5 second, cast(touch_ts as timestamp), timestamp '1970-01-01')
  as after_ts,
  after_ts + interval 5 second as until_ts
  from episodes
  where touched
),
measured as (
  select
  moments.episode_id,
  moments.moment,
  if((windows.side = 'A') = (moments.approach_dir = 'approach_up'), 'ahead', 'behind')
  as side_role,
  count(*) filter (windows.is_valid) as n_windows,
  sum(cast(round(top_size_share * add_count) as bigint)) / nullif(sum(add_count), 0) as top_size_share,
  sum(requote_pair_count) / nullif(sum(add_count), 0) as requote_share,
  sum(cast(round(chase_share * requote_count) as bigint)) / nullif(sum(requote_count), 0) as chase_share,
  sum(withdrawn_qty) / nullif(sum(approached_qty), 0) as withdraw_on_approach_share,
  sum(cast(round(react_1ms * cancel_count) as bigint)) / nullif(sum(cancel_count), 0) as react_1ms,
  sum(cast(round(react_5ms * cancel_count) as bigint)) / nullif(sum(cancel_count), 0) as react_5ms,
  sum(cast(round(react_20ms * cancel_count) as bigint)) / nullif(sum(cancel_count), 0) as react_20ms,
  sum(n_orders_max_life_ms_10) / nullif(sum(cancel_count), 0) as short_life_share,
  sum(refill_count) / nullif(sum(add_count), 0) as refill_share,
  sum(cast(is_periodic as integer)) / nullif(sum(if(is_periodic is null, null, 1)), 0) as periodic_share
  from moments
  inner join windows
  on
  moments.after_ts < windows.window_end_ts
  and moments.until_ts >= windows.window_end_ts
  group by moments.episode_id, moments.moment, side_role
),
measures as (
  select
  episode_id,
  max(n_windows) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_n_windows,
  max(top_size_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_top_size_share,
  max(requote_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_requote_share,
  max(chase_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_chase_share,
  max(withdraw_on_approach_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_withdraw_on_approach_share,
  max(react_1ms) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_react_1ms,
  max(react_5ms) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_react_5ms,
  max(react_20ms) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_react_20ms,
  max(short_life_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_short_life_share,
  max(refill_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_refill_share,
  max(periodic_share) filter (moment = 'approach' and side_role = 'ahead')
  as ahead_periodic_share,
  max(n_windows) filter (moment = 'approach' and side_role = 'behind')
  as behind_n_windows,
  max(top_size_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_top_size_share,
  max(requote_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_requote_share,
  max(chase_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_chase_share,
  max(withdraw_on_approach_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_withdraw_on_approach_share,
  max(react_1ms) filter (moment = 'approach' and side_role = 'behind')
  as behind_react_1ms,
  max(react_5ms) filter (moment = 'approach' and side_role = 'behind')
  as behind_react_5ms,
  max(react_20ms) filter (moment = 'approach' and side_role = 'behind')
  as behind_react_20ms,
  max(short_life_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_short_life_share,
  max(refill_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_refill_share,
  max(periodic_share) filter (moment = 'approach' and side_role = 'behind')
  as behind_periodic_share,
  max(n_windows) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_n_windows,
  max(top_size_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_top_size_share,
  max(requote_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_requote_share,
  max(chase_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_chase_share,
  max(withdraw_on_approach_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_withdraw_on_approach_share,
  max(react_1ms) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_react_1ms,
  max(react_5ms) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_react_5ms,
  max(react_20ms) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_react_20ms,
  max(short_life_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_short_life_share,
  max(refill_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_refill_share,
  max(periodic_share) filter (moment = 'touch' and side_role = 'ahead')
  as touch_ahead_periodic_share,
  max(n_windows) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_n_windows,
  max(top_size_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_top_size_share,
  max(requote_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_requote_share,
  max(chase_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_chase_share,
  max(withdraw_on_approach_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_withdraw_on_approach_share,
  max(react_1ms) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_react_1ms,
  max(react_5ms) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_react_5ms,
  max(react_20ms) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_react_20ms,
  max(short_life_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_short_life_share,
  max(refill_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_refill_share,
  max(periodic_share) filter (moment = 'touch' and side_role = 'behind')
  as touch_behind_periodic_share
  from measured
  group by episode_id
),
first_outcomes as (
  select
  outcomes.level_id,
  outcomes.window_end_ts,
  outcomes.horizon_id,
  outcomes.outcome_reached,
  outcomes.label_end_ts
  from outcomes
  inner join decisions
  on
  outcomes.level_id = decisions.level_id
  and outcomes.window_end_ts = decisions.window_end_ts
  and outcomes.barrier_kind = decisions.barrier_mode
)
select
episodes.symbol,
episodes.dt,
episodes.level_id,
episodes.episode_id,
episodes.approach_dir,
episodes.first_window_end_ts,
measures.ahead_n_windows,
measures.ahead_top_size_share,
measures.ahead_requote_share,
measures.ahead_chase_share,
measures.ahead_withdraw_on_approach_share,
measures.ahead_react_1ms,
measures.ahead_react_5ms,
measures.ahead_react_20ms,
measures.ahead_short_life_share,
measures.ahead_refill_share,
measures.ahead_periodic_share,
measures.behind_n_windows,
measures.behind_top_size_share,
measures.behind_requote_share,
measures.behind_chase_share,
measures.behind_withdraw_on_approach_share,
measures.behind_react_1ms,
measures.behind_react_5ms,
measures.behind_react_20ms,
measures.behind_short_life_share,
measures.behind_refill_share,
measures.behind_periodic_share,
measures.touch_ahead_n_windows,
measures.touch_ahead_top_size_share,
measures.touch_ahead_requote_share,
measures.touch_ahead_chase_share,
measures.touch_ahead_withdraw_on_approach_share,
measures.touch_ahead_react_1ms,
measures.touch_ahead_react_5ms,
measures.touch_ahead_react_20ms,
measures.touch_ahead_short_life_share,
measures.touch_ahead_refill_share,
measures.touch_ahead_periodic_share,
measures.touch_behind_n_windows,
measures.touch_behind_top_size_share,
measures.touch_behind_requote_share,
measures.touch_behind_chase_share,
measures.touch_behind_withdraw_on_approach_share,
measures.touch_behind_react_1ms,
measures.touch_behind_react_5ms,
measures.touch_behind_react_20ms,
measures.touch_behind_short_life_share,
measures.touch_behind_refill_share,
measures.touch_behind_periodic_share,
episodes.touch_ts,
first_outcomes.horizon_id,
first_outcomes.outcome_reached,
first_outcomes.label_end_ts
from episodes
left join measures on episodes.episode_id = measures.episode_id
left join first_outcomes
on
episodes.level_id = first_outcomes.level_id
and episodes.first_window_end_ts = first_outcomes.window_end_ts
order by episodes.first_window_end_ts, episodes.level_id, episodes.approach_dir
