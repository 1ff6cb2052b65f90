-- Verdict known by a day on the odds of a direction and phase, levels pooled
select
    verdict,
    verdict_run,
    skill,
    skill_lo,
    skill_hi,
    best_baseline,
    n_days,
    n_episodes
from gold.eval_retrieval_verdict_asof
where
    root = $root
    and approach_dir = $approach_dir
    and decision_phase = $decision_phase
    and horizon_id = $horizon_id
    and model = $model
    and asof_dt <= $dt
order by asof_dt desc
limit 1;
