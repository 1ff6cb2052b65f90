-- One row per verdict on retrieval at all levels together, of every model that was evaluated.
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
