with

library as (
    select * from {{ ref('retrieval_library') }}
),

library_plan as (
    select * from {{ ref('retrieval_library_plan') }}
),


pools as (
    select * from {{ ref('retrieval_pools') }}
),

families as (
    select distinct
        root,
        if(
            retrieval_family = 'level',
            '{{ index_settings(vector_blocks() | length) }}',
            '{{ index_settings(1) }}'
        ) as settings  -- noqa: RF04
    from {{ ref('retrieval_families') }}
),

statistics as (
    select
        root,
        dt,
        level_id,
        approach_dir,
        md5(string_agg(
            concat_ws('|', median, mad, std), ';' order by feature_index
        )) as stats_hash
    from {{ ref('vector_norm_stats') }}
    where decision_phase = 'approaching'
    group by root, dt, level_id, approach_dir
),

indexes as (
    select
        pools.root,
        pools.pool_level_id as level_id,
        pools.approach_dir,
        library_plan.asof_dt,
        any_value(pools.pool_level_ids) as pool_level_ids,
        any_value(pools.n_episodes) as n_episodes
    from pools
    inner join library_plan
        on
            pools.root = library_plan.root
            and pools.approach_dir = library_plan.approach_dir
            and pools.dt = library_plan.asof_dt
    where
        pools.n_vectors > 0
        and pools.decision_phase = 'approaching'
    group by pools.root, pools.pool_level_id, pools.approach_dir, library_plan.asof_dt
)

select
    indexes.root || '|' || indexes.level_id || '|' || indexes.approach_dir as index_key,
    indexes.root,
    indexes.level_id,
    indexes.pool_level_ids,
    indexes.approach_dir,
    indexes.asof_dt,
    indexes.n_episodes,
    library.n_context,
    library.vectors_path,
    library.rows_path,
    library.feature_list_hash,
    statistics.stats_hash,
    families.settings,
    md5(concat_ws(
        '|',
        library.content_hash,
        library.rows_hash,
        library.feature_list_hash,
        statistics.stats_hash,
        indexes.asof_dt,
        families.settings
    )) as input_fingerprint
from indexes
inner join families on indexes.root = families.root
inner join library
    on
        indexes.root = library.root
        and indexes.approach_dir = library.approach_dir
inner join statistics
    on
        indexes.root = statistics.root
        and indexes.level_id = statistics.level_id
        and indexes.approach_dir = statistics.approach_dir
        and indexes.asof_dt = statistics.dt
