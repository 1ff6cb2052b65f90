-- Location and scale of every feature as of a day
select
    median,
    mad,
    std
from gold.vector_norm_stats
where
    root = $root
    and level_id = $pool_level_id
    and approach_dir = $approach_dir
    and decision_phase = $decision_phase
    and asof_dt = $dt
order by feature_index;
