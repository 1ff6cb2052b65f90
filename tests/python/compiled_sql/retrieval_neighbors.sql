with
signals as (
  select * from "gold"."mbo_trigger_signals"
  where
  symbol = '$symbol' and dt = date '$dt'
  and fire_flag
),
judged as (
  select
  vector_id,
  horizon_id
  from "gold"."retrieval_answers"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_judged
),
queries as (
  select
  vectors.vector_id,
  vectors.symbol,
  vectors.dt,
  vectors.level_id,
  vectors.window_end_ts,
  vectors.approach_dir,
  coalesce(vectors.decision_phase, 'approaching') as decision_phase,
  vectors.retrieval_family,
  pools.root,
  pools.pool_level_id,
  pools.pool_level_ids,
  pools.n_vectors as pool_vectors,
  list_concat(vectors.vector, vectors.context) as vector,
  vectors.k_ticks,
  vectors.episode_id is not null as is_asked,
  row_number() over (
    partition by
    vectors.approach_dir,
    coalesce(vectors.decision_phase, 'approaching'),
    pools.pool_level_id,
    vectors.episode_id is not null
    order by vectors.window_end_ts, vectors.level_id
  ) - 1 as query
  from "gold"."retrieval_vectors" as vectors
  inner join "steps"."retrieval_pools" as pools
  on
  vectors.dt = pools.dt
  and vectors.level_id = pools.level_id
  and vectors.approach_dir = pools.approach_dir
  and coalesce(vectors.decision_phase, 'approaching') = pools.decision_phase
  where
  vectors.symbol = '$symbol' and vectors.dt = date '$dt'
  and pools.root = case
  when '$symbol' in ['AAPL'] then '$symbol'
  else nullif(regexp_extract('$symbol', '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end
  and (vectors.vector_id in (select signals.vector_id from signals))
),
asked as (
  select
  asked.root,
  asked.approach_dir,
  asked.decision_phase,
  asked.pool_level_id,
  retrieval_neighbors(
    {
      'retrieval_family': files.retrieval_family,
      'vectors_path': files.vectors_path,
      'rows_path': files.rows_path,
      'n_context': files.n_context,
      'mirror_vectors_path': files.mirror_vectors_path,
      'mirror_rows_path': files.mirror_rows_path,
      'mirror_columns': files.mirror_columns,
      'mirror_signs': files.mirror_signs
    },
    date '$dt',
    asked.pool_level_ids,
    asked.decision_phase,
    asked.vectors,
    asked.distances,
    statistics.by_column,
    '{"retrieval_family": "auto",
      "retrieval_horizons": ["s120",
        "s240",
        "s480",
      "h1"],
      "retrieval_space": "auto",
      "learned_min_episodes": 300,
      "learned_horizon": "s240",
      "learned_refit_days": 5,
      "learned_max_distance_ticks": 4,
      "learned_windows_per_episode": 12,
      "learned_blocks": ["w3_mean"],
      "learned_every_block_episodes": 2000,
      "learned_mirrored": true,
      "learned_episodes_per_neighbor": 2,
      "learned_min_k": 30,
      "retrieval_k_raw": 2000,
      "retrieval_k": 200,
      "neighbors_per_episode": 3,
      "similarity_power": 8,
      "base_rate_weight": 5,
      "min_neighbors": 50,
      "min_neighbor_days": 5,
      "min_neighbor_episodes": 20,
      "min_band_episodes": 20,
      "vector_block_windows": [3,
        9,
        24],
      "distance_bands": {"1-2": [1,
          2],
        "3-4": [3,
          4],
        "5-6": [5,
          6],
        "7+": [7,
          null]},
      "phase_distance_bands": {"at": {"0-1": [0,
            1]},
        "through": {"2-4": [2,
            4],
          "5+": [5,
            null]},
        "back": {"2-4": [2,
            4],
          "5+": [5,
            null]}},
      "similarity_floor_quantile": 0.05,
      "similarity_floor_rows": 200,
      "signal_horizon": "s240",
      "signal_max_ticks": 4,
      "signal_resamples": 1000,
      "evaluation_seed": 7}'
  ) as found
  from (
    select
    root,
    approach_dir,
    decision_phase,
    pool_level_id,
    any_value(pool_level_ids) as pool_level_ids,
    list(vector order by query) as vectors,
    list(cast(k_ticks as bigint) order by query) as distances
    from queries
    where is_asked and pool_vectors > 0
    group by root, approach_dir, decision_phase, pool_level_id
  ) as asked
  inner join "gold"."retrieval_library_files" as files
  on
  asked.root = files.root
  and asked.approach_dir = files.approach_dir
  inner join (
    select
    approach_dir,
    decision_phase,
    level_id,
    list(
      struct_pack(median := median, mad := mad, std := std) order by feature_index
    ) as by_column
    from "gold"."vector_norm_stats"
    where
    root = case
    when '$symbol' in ['AAPL'] then '$symbol'
    else nullif(regexp_extract('$symbol', '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
    end
    and dt = date '$dt'
    group by approach_dir, decision_phase, level_id
  ) as statistics
  on
  asked.approach_dir = statistics.approach_dir
  and asked.pool_level_id = statistics.level_id
  and asked.decision_phase = statistics.decision_phase
),
found as (
  select
  approach_dir,
  decision_phase,
  pool_level_id,
  unnest(found, recursive := true)
  from asked
),
horizons as (
  select
  unnest(['s120', 's240', 's480', 'h1']) as horizon_id,
  unnest(range(4)) as horizon
)
select
queries.symbol,
queries.dt,
queries.level_id,
queries.window_end_ts,
queries.vector_id,
horizons.horizon_id,
cast(found.rank as integer) as rank,
found.neighbor_vector_id,
found.neighbor_symbol,
found.neighbor_dt,
found.neighbor_level_id,
found.neighbor_window_end_ts,
found.neighbor_episode_id,
found.similarity,
found.weight,
found.outcome
from found
inner join queries
on
found.approach_dir = queries.approach_dir
and found.decision_phase = queries.decision_phase
and found.pool_level_id = queries.pool_level_id
and found.query = queries.query
inner join horizons on found.horizon = horizons.horizon
inner join judged
on
queries.vector_id = judged.vector_id
and horizons.horizon_id = judged.horizon_id
order by queries.level_id, queries.window_end_ts, horizons.horizon, found.rank
