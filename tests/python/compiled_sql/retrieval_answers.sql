with
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
  and true
),
decisions as (
  select * from "silver"."level_decisions"
  where symbol = '$symbol' and dt = date '$dt'
),
asked as (
  select
  asked.root,
  asked.approach_dir,
  asked.decision_phase,
  asked.pool_level_id,
  retrieval_answers(
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
  root,
  approach_dir,
  decision_phase,
  pool_level_id,
  unnest(found, recursive := true)
  from asked
),
known_horizons as (
  select
  horizon_id,
  elapsed_s,
  bars
  from (values ('s120',
      120,
      null),
    ('s240',
      240,
      null),
    ('s480',
      480,
      null),
    ('h0',
      null,
      0),
    ('h1',
      null,
      1),
    ('h2',
      null,
      2),
    ('h3',
      null,
      3),
    ('h4',
      null,
      4),
    ('h5',
      null,
      5),
    ('h6',
      null,
      6)) as horizons (horizon_id,
    elapsed_s,
    bars)
),
horizons as (
  select
  *,
  list_position(['s120', 's240', 's480', 'h1'], horizon_id) - 1 as horizon
  from known_horizons
  where horizon_id in ['s120', 's240', 's480', 'h1']
),
lengths as (
  select
  queries.*,
  horizons.horizon_id,
  horizons.horizon,
  cast(
    coalesce(
      elapsed_s,
      120 * (bars + 1)
      - cast(epoch(queries.window_end_ts) as bigint) % 120
    ) as integer
  ) as horizon_s
  from queries
  cross join horizons
),
barriers as (
  select
  lengths.*,
  cast(
    case
    when decisions.barrier_mode = 'fixed' then 8
    when decisions.sigma_1s_ticks is not null
    then greatest(decisions.barrier_min_ticks, least(40, floor(
          1.0 * decisions.sigma_1s_ticks * sqrt(lengths.horizon_s)
          + 0.5
    )))
    end as integer
  ) as barrier_ticks
  from lengths
  left join decisions
  on
  lengths.level_id = decisions.level_id
  and lengths.window_end_ts = decisions.window_end_ts
),
judged as (
  select
  *,
  coalesce(is_asked and abs(k_ticks) < barrier_ticks, false) as is_judged
  from barriers
)
select
judged.vector_id,
judged.symbol,
judged.dt,
judged.level_id,
judged.window_end_ts,
judged.approach_dir,
judged.decision_phase,
judged.pool_level_id,
judged.retrieval_family,
judged.horizon_id,
judged.k_ticks,
judged.horizon_s,
judged.barrier_ticks,
judged.is_judged,
found.space,
found.space_phases,
found.p_break_raw,
found.p_reject_raw,
found.p_chop_raw,
found.p_break,
found.p_reject,
found.p_chop,
found.p_reached,
case
when
judged.decision_phase = 'at'
and abs(judged.k_ticks) >= 0 and abs(judged.k_ticks) <= 1
then '0-1'
when
judged.decision_phase = 'through'
and abs(judged.k_ticks) >= 2 and abs(judged.k_ticks) <= 4
then '2-4'
when
judged.decision_phase = 'through'
and abs(judged.k_ticks) >= 5
then '5+'
when
judged.decision_phase = 'back'
and abs(judged.k_ticks) >= 2 and abs(judged.k_ticks) <= 4
then '2-4'
when
judged.decision_phase = 'back'
and abs(judged.k_ticks) >= 5
then '5+'
when
abs(judged.k_ticks) >= 1 and abs(judged.k_ticks) <= 2
then '1-2'
when
abs(judged.k_ticks) >= 3 and abs(judged.k_ticks) <= 4
then '3-4'
when
abs(judged.k_ticks) >= 5 and abs(judged.k_ticks) <= 6
then '5-6'
when
abs(judged.k_ticks) >= 7
then '7+'
end as distance_band,
found.base_break,
found.base_reject,
found.base_chop,
found.base_reached,
found.base_all_break,
found.base_all_reject,
found.base_all_chop,
found.base_all_reached,
cast(coalesce(found.n_neighbors, 0) as integer) as n_neighbors,
cast(coalesce(found.n_distinct_days, 0) as integer) as n_distinct_days,
cast(coalesce(found.n_distinct_episodes, 0) as integer) as n_distinct_episodes,
coalesce(found.n_eff, 0) as n_eff,
coalesce(found.neighbors_ok, false) as neighbors_ok,
found.mean_similarity,
found.similarity_floor,
coalesce(found.is_similar, false) as is_similar,
found.entropy,
found.time_to_hit_q50_s,
found.mfe_q50_ticks,
found.mfe_q80_ticks,
found.mae_q50_ticks,
found.mae_q80_ticks,
found.risk_q80_ticks,
found.resolve_rate,
found.whipsaw_rate,
found.result_ticks,
found.result_lo_ticks,
found.result_n_eff,
found.top_class,
found.library_last_dt
from judged
left join found
on
judged.is_judged
and judged.approach_dir = found.approach_dir
and judged.decision_phase = found.decision_phase
and judged.pool_level_id = found.pool_level_id
and judged.query = found.query
and judged.horizon = found.horizon
order by judged.level_id, judged.window_end_ts, judged.horizon
