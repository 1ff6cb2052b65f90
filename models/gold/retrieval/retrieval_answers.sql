{{ config(
    materialized='partitioned',
    storage='parquet',
    meta={'partition_source': 'retrieval_input'},
) }}

{% set shares = ['break', 'reject', 'chop'] %}

-- depends_on: {{ ref('retrieval_input') }}
with

queries as (
    {{ retrieval_queries() }}
),

asked as (
    {{ retrieval_questions('queries', 'retrieval_answers') }}
),

found as (
    select
        root,
        approach_dir,
        pool_level_id,
        -- a column per field of an answer
        unnest(found, recursive := true)  -- noqa: AL03
    from asked
),

horizons as (
    select
        unnest({{ var('retrieval_horizons') }}) as horizon_id,
        unnest(range({{ var('retrieval_horizons') | length }})) as horizon
)

-- the published order of columns
select  -- noqa: ST06
    queries.vector_id,
    queries.symbol,
    queries.dt,
    queries.level_id,
    queries.window_end_ts,
    queries.approach_dir,
    queries.pool_level_id,
    horizons.horizon_id,
    found.space,
    {% for name in shares %}
        found.p_{{ name }}_raw,
    {% endfor %}
    {% for name in shares %}
        found.p_{{ name }},
    {% endfor %}
    found.p_reached,
    {{ distance_band('queries.k_ticks') }} as distance_band,
    {% for prefix in ['base', 'base_all'] %}
        {% for name in shares + ['reached'] %}
            found.{{ prefix }}_{{ name }},
        {% endfor %}
    {% endfor %}
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
    found.top_class,
    found.library_last_dt
from queries
cross join horizons
left join found
    on
        queries.approach_dir = found.approach_dir
        and queries.pool_level_id = found.pool_level_id
        and queries.query = found.query
        and horizons.horizon = found.horizon
order by queries.level_id, queries.window_end_ts, horizons.horizon
