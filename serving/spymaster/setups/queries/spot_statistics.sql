-- Location and scale of every element of spot vectors as of a day
select
    median,
    mad,
    std
from gold.spot_norm_stats
where
    root = $root
    and level_id = $pool_level_id
    and approach_dir = $approach_dir
    and asof_dt = $dt
order by feature_index;
