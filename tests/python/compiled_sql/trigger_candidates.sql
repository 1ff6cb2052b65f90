with
vectors as (
  select
  vector_id,
  symbol,
  dt,
  level_id,
  window_end_ts,
  session_date,
  k_ticks,
  approach_dir,
  episode_id
  from "gold"."mbo_trigger_vectors"
),
answers as (
  select
  *,
  greatest(p_break, p_reject, p_chop) as p_top1,
  list_sort([p_break, p_reject, p_chop], 'DESC') as ordered
  from "gold"."retrieval_answers"
  where horizon_id = 's240'
),
thresholds as (
  select * from "reference"."trigger_thresholds"
),
verdicts as (
  select
  *,
  count(*) filter (verdict = 'useful') over (
    partition by root, approach_dir, decision_phase, horizon_id, model
    order by asof_dt
    rows between 9 preceding and current row
  ) = 10 as has_held
  from "gold"."eval_retrieval_verdict_asof"
),
turn_states as (
  select
  symbol,
  dt,
  level_id,
  window_end_ts,
  recent_state,
  case recent_state when 'all_four' then 'REJECT' when 'ahead_only' then 'BREAK' end as conditions_outcome
  from "steps"."turn_states_1s"
  where condition_window_s = 5
),
judged as (
  select
  answers.*,
  verdicts.verdict_run,
  coalesce(verdicts.verdict, 'not evaluated') as verdict,
  coalesce(verdicts.has_held, false) as has_held
  from answers
  asof left join verdicts
  on
  case
  when answers.symbol in ['AAPL'] then answers.symbol
  else nullif(regexp_extract(answers.symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end = verdicts.root
  and answers.approach_dir = verdicts.approach_dir
  and answers.decision_phase = verdicts.decision_phase
  and answers.horizon_id = verdicts.horizon_id
  and 'retrieval_' || answers.space = verdicts.model
  and answers.dt >= verdicts.asof_dt
),
candidates as (
  select
  vectors.*,
  thresholds.root,
  thresholds.cost_ticks,
  thresholds.p_chop_max,
  thresholds.risk_q80_ticks_max,
  thresholds.resolve_rate_min,
  thresholds.whipsaw_rate_max,
  judged.p_break,
  judged.p_reject,
  judged.p_chop,
  judged.p_reached,
  judged.p_top1,
  judged.ordered[1] - judged.ordered[2] as margin,
  judged.decision_phase,
  judged.distance_band,
  judged.risk_q80_ticks,
  judged.resolve_rate,
  judged.whipsaw_rate,
  judged.top_class,
  case judged.top_class
  when 'BREAK' then judged.base_break
  when 'REJECT' then judged.base_reject
  when 'CHOP' then judged.base_chop
  end as base_top1,
  judged.result_ticks - thresholds.cost_ticks as edge_ticks,
  judged.result_lo_ticks - thresholds.cost_ticks as edge_lo,
  judged.neighbors_ok,
  judged.is_similar,
  judged.n_eff,
  judged.verdict,
  judged.verdict_run,
  judged.has_held,
  turn_states.recent_state,
  turn_states.conditions_outcome
  from vectors
  inner join judged
  on vectors.vector_id = judged.vector_id
  inner join thresholds
  on case
  when vectors.symbol in ['AAPL'] then vectors.symbol
  else nullif(regexp_extract(vectors.symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end = thresholds.root
  left join turn_states
  on
  vectors.symbol = turn_states.symbol
  and vectors.dt = turn_states.dt
  and vectors.level_id = turn_states.level_id
  and vectors.window_end_ts = turn_states.window_end_ts
)
select
symbol,
dt,
level_id,
window_end_ts,
vector_id,
session_date,
root,
k_ticks,
distance_band,
approach_dir,
decision_phase,
episode_id,
p_break,
p_reject,
p_chop,
p_reached,
p_top1,
margin,
risk_q80_ticks,
resolve_rate,
whipsaw_rate,
case
when top_class in ('BREAK', 'REJECT')
then top_class || if(
  (approach_dir = 'approach_up') = (top_class = 'BREAK'),
  '_UP',
  '_DOWN'
)
else top_class
end as c_top1,
base_top1,
cost_ticks,
edge_ticks,
edge_lo,
neighbors_ok,
is_similar,
n_eff,
verdict,
verdict_run,
recent_state,
conditions_outcome,
case
when episode_id is null then 'beyond_barrier'
when (abs(k_ticks) <= 4) is not true then 'too_far'
when not neighbors_ok then 'too_few_neighbors'
when not is_similar then 'not_similar'
when top_class = 'CHOP' then 'top_is_chop'
end as ineligible_reason,
case
when (p_chop <= p_chop_max) is not true then 'chop_high'
when (risk_q80_ticks <= risk_q80_ticks_max) is not true then 'risk_high'
when (resolve_rate >= resolve_rate_min) is not true then 'resolve_low'
when (whipsaw_rate <= whipsaw_rate_max) is not true then 'whipsaw_high'
when (p_top1 > base_top1) is not true then 'not_above_base'
when (edge_lo > 0) is not true then 'edge_low'
end as shape_reason,
case
when verdict != 'useful' then 'verdict_not_useful'
when not has_held then 'verdict_too_new'
end as verdict_reason,
ineligible_reason is null
and coalesce(conditions_outcome = top_class and p_top1 > base_top1, false) as is_confirmed
from candidates
