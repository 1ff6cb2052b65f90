with
courses as (
  select * from "silver"."approach_course_1s"
),
instruments as (
  select * from "silver"."contract_days"
),
answers as (
  select * from "gold"."retrieval_outcomes"
  where
  horizon_id = 's240'
  and is_judged
),
held as (
  select
  courses.*,
  'approach_' || courses.direction as approach_dir,
  answers.window_end_ts as answer_ts,
  answers.* exclude (symbol, dt, level_id, window_end_ts, approach_dir)
  from courses
  asof left join answers
  on
  courses.symbol = answers.symbol
  and courses.dt = answers.dt
  and courses.level_id = answers.level_id
  and 'approach_' || courses.direction = answers.approach_dir
  and courses.window_end_ts >= answers.window_end_ts
),
answered as (
  select
  *,
  coalesce(answer_ts >= started_ts, false) as has_answer
  from held
)
select
answered.symbol,
answered.dt,
answered.window_end_ts,
answered.level_id,
answered.course_id,
answered.direction,
answered.level_tick_frozen * instruments.tick_int as level_price_int,
answered.barrier_ticks,
answered.started_ts,
answered.x,
answered.phase,
answered.reached_ts,
answered.max_x,
answered.min_x_since_reached,
answered.elapsed_s,
answered.since_reached_s,
answered.resolved,
answered.resolved_ts,
answered.ended_by,
if(answered.has_answer, answered.answer_ts, null) as odds_ts,
if(answered.has_answer, answered.vector_id, null) as vector_id,
if(answered.has_answer, answered.decision_phase, null) as odds_phase,
if(answered.has_answer, answered.distance_band, null) as distance_band,
if(answered.has_answer, answered.horizon_s, null) as odds_horizon_s,
if(
  answered.has_answer,
  if(answered.direction = 'up', -1, 1) * answered.k_ticks,
  null
) as odds_x,
if(answered.has_answer, answered.p_break, null)
as p_break,
if(answered.has_answer, answered.p_reject, null)
as p_reject,
if(answered.has_answer, answered.p_chop, null)
as p_chop,
if(answered.has_answer, answered.p_reached, null)
as p_reached,
if(answered.has_answer, answered.base_break, null)
as base_break,
if(answered.has_answer, answered.base_reject, null)
as base_reject,
if(answered.has_answer, answered.base_chop, null)
as base_chop,
if(answered.has_answer, answered.base_reached, null)
as base_reached,
if(answered.has_answer, answered.n_distinct_days, null) as n_distinct_days,
if(answered.has_answer, answered.n_distinct_episodes, null) as n_distinct_episodes,
if(answered.has_answer, answered.n_eff, null) as n_eff,
if(answered.has_answer, answered.verdict, null) as verdict,
case
when not answered.has_answer
then if(
  (
    cast(timezone('America/New_York', timezone('UTC', answered.window_end_ts - interval 1 second)) as time) >= time '09:30'
    and cast(timezone('America/New_York', timezone('UTC', answered.window_end_ts - interval 1 second)) as time) < time '12:30'
  ),
  'short_history',
  'outside_study_hours'
)
when not answered.neighbors_ok then 'too_few'
when not answered.is_similar then 'nothing_like_it'
when answered.p_break is null then 'too_few'
end as no_odds_reason
from answered
inner join instruments
on
answered.symbol = instruments.symbol
and answered.dt = instruments.dt
