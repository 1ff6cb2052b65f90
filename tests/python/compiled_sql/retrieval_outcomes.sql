with
answers as (
  select * from "gold"."retrieval_answers"
),
maps as (
  select
  root,
  approach_dir,
  decision_phase,
  horizon_id,
  model,
  asof_dt,
  any_value(least_probability) as least_probability,
  any_value(slope) filter (outcome = 'BREAK') as slope_break,
  any_value(intercept) filter (outcome = 'BREAK')
  as intercept_break,
  any_value(slope) filter (outcome = 'REJECT') as slope_reject,
  any_value(intercept) filter (outcome = 'REJECT')
  as intercept_reject,
  any_value(slope) filter (outcome = 'CHOP') as slope_chop,
  any_value(intercept) filter (outcome = 'CHOP')
  as intercept_chop
  from "gold"."eval_retrieval_maps"
  group by root, approach_dir, decision_phase, horizon_id, model, asof_dt
),
clipped as (
  select
  answers.*,
  maps.model || '_platt_' || maps.asof_dt as map_id,
  maps.least_probability,
  maps.slope_break,
  maps.intercept_break,
  case
  when maps.least_probability > 0
  then least(
    greatest(answers.p_break, maps.least_probability),
    1 - maps.least_probability
  )
  end as clipped_break,
  maps.slope_reject,
  maps.intercept_reject,
  case
  when maps.least_probability > 0
  then least(
    greatest(answers.p_reject, maps.least_probability),
    1 - maps.least_probability
  )
  end as clipped_reject,
  maps.slope_chop,
  maps.intercept_chop,
  case
  when maps.least_probability > 0
  then least(
    greatest(answers.p_chop, maps.least_probability),
    1 - maps.least_probability
  )
  end as clipped_chop
  from answers
  asof left join maps
  on
  case
  when answers.symbol in ['AAPL'] then answers.symbol
  else nullif(regexp_extract(answers.symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end = maps.root
  and answers.approach_dir = maps.approach_dir
  and answers.decision_phase = maps.decision_phase
  and answers.horizon_id = maps.horizon_id
  and 'retrieval_' || answers.space = maps.model
  and answers.dt >= maps.asof_dt
),
mapped as (
  select
  *,
  greatest(
    1 / (1 + exp(-(
          slope_break
          * ln(clipped_break / (1 - clipped_break))
          + intercept_break
    ))),
    least_probability
  ) as mapped_break,
  greatest(
    1 / (1 + exp(-(
          slope_reject
          * ln(clipped_reject / (1 - clipped_reject))
          + intercept_reject
    ))),
    least_probability
  ) as mapped_reject,
  greatest(
    1 / (1 + exp(-(
          slope_chop
          * ln(clipped_chop / (1 - clipped_chop))
          + intercept_chop
    ))),
    least_probability
  ) as mapped_chop
  from clipped
),
verdicts as (
  select * from "gold"."eval_retrieval_verdict_asof"
),
judged as (
  select
  mapped.*,
  case when mapped.is_judged then verdicts.verdict_run end as verdict_run,
  coalesce(case when mapped.is_judged then verdicts.verdict end, 'not evaluated')
  as verdict
  from mapped
  asof left join verdicts
  on
  case
  when mapped.symbol in ['AAPL'] then mapped.symbol
  else nullif(regexp_extract(mapped.symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end = verdicts.root
  and mapped.approach_dir = verdicts.approach_dir
  and mapped.decision_phase = verdicts.decision_phase
  and mapped.horizon_id = verdicts.horizon_id
  and 'retrieval_' || mapped.space = verdicts.model
  and mapped.dt >= verdicts.asof_dt
)
select
symbol,
dt,
level_id,
window_end_ts,
horizon_id,
vector_id,
approach_dir,
decision_phase,
pool_level_id,
retrieval_family,
k_ticks,
horizon_s,
barrier_ticks,
is_judged,
space,
space_phases,
p_break_raw,
p_reject_raw,
p_chop_raw,
p_break,
p_reject,
p_chop,
p_reached,
distance_band,
base_break,
base_reject,
base_chop,
base_reached,
base_all_break,
base_all_reject,
base_all_chop,
base_all_reached,
n_neighbors,
n_distinct_days,
n_distinct_episodes,
n_eff,
neighbors_ok,
mean_similarity,
similarity_floor,
is_similar,
entropy,
time_to_hit_q50_s,
mfe_q50_ticks,
mfe_q80_ticks,
mae_q50_ticks,
mae_q80_ticks,
verdict,
verdict_run,
if(is_similar, mapped_break, null)
/ (mapped_break + mapped_reject + mapped_chop) as p_break_cal,
if(is_similar, mapped_reject, null)
/ (mapped_break + mapped_reject + mapped_chop) as p_reject_cal,
if(is_similar, mapped_chop, null)
/ (mapped_break + mapped_reject + mapped_chop) as p_chop_cal,
if(is_similar, map_id, null) as calibration_id,
library_last_dt
from judged
