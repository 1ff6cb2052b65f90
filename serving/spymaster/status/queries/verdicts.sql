-- One row per evaluated model, product, direction, phase and horizon: its verdict over all levels.
-- An evaluation of an older version has no phases.
select
    columns(
        name -> name in (
            'root',
            'approach_dir',
            'decision_phase',
            'horizon_id',
            'model',
            'verdict',
            'n_days',
            'n_episodes'
        )
    )
from gold.eval_retrieval_verdict
where scope = 'pooled'
order by all
