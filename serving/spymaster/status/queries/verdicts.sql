-- One row per evaluated model, product, direction and horizon: its verdict over all levels.
select
    root,
    approach_dir,
    horizon_id,
    model,
    verdict,
    n_days,
    n_episodes
from gold.eval_retrieval_verdict
where scope = 'pooled'
order by all
