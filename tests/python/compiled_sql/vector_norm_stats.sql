with
pools as (
  select distinct
  root,
  dt,
  approach_dir,
  decision_phase,
  pool_level_id,
  pool_level_ids,
  n_vectors,
  n_days
  from "steps"."retrieval_pools"
  where
  root = '$root' and dt = date '$dt'
  and n_vectors > 0
),
files as (
  select * from "gold"."retrieval_library_files"
),
statistics as (
  select
  pools.*,
  library_statistics(
    {
      'retrieval_family': files.retrieval_family,
      'vectors_path': files.vectors_path,
      'rows_path': files.rows_path,
      'n_context': files.n_context,
      'mirror_vectors_path': files.mirror_vectors_path,
      'mirror_rows_path': files.mirror_rows_path,
      'mirror_columns': files.mirror_columns,
      'mirror_signs': files.mirror_signs
    }, pools.dt, pools.pool_level_ids, pools.decision_phase
  ) as by_column
  from pools
  inner join files
  on
  pools.root = files.root
  and pools.approach_dir = files.approach_dir
),
by_feature as (
  select
  * exclude (by_column),
  unnest(range(len(by_column))) as feature_index,
  unnest(by_column, recursive := true)
  from statistics
)
select
root,
dt,
pool_level_id as level_id,
approach_dir,
decision_phase,
dt as asof_dt,
cast(feature_index as integer) as feature_index,
median,
mad,
std,
n_vectors,
n_days
from by_feature
order by level_id, approach_dir, decision_phase, feature_index
