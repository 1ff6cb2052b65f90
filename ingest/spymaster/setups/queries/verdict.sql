-- What the evaluation says of the level and direction, of all levels where it is silent
select
    scope,
    verdict,
    skill,
    skill_lo,
    skill_hi,
    best_baseline,
    n_days,
    n_episodes
from gold.eval_retrieval_verdict
where
    approach_dir = $approach_dir
    and horizon_id = $horizon_id
    and model = $model
    and (scope = 'pooled' or (scope = 'level' and level_id = $level_id))
order by verdict = 'too few episodes', scope = 'pooled'
limit 1;
