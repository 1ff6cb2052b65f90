{{ partitioned_by('mbo_trigger_signals') }}

with

signals as (
    select * from {{ ref('mbo_trigger_signals') }}
    where
        {{ in_partition() }}
        and fire_flag
),

judged as (
    select
        vector_id,
        horizon_id
    from {{ ref('retrieval_answers') }}
    where
        {{ in_partition() }}
        and is_judged
),

queries as (
    {{ retrieval_queries(
        "(vectors.vector_id in (select signals.vector_id from signals)"
        ~ (" or vectors.vector_id in " ~ sql_list(var('retrieval_queries'))
            if var('retrieval_queries') else "") ~ ")"
    ) }}
),

asked as (
    {{ retrieval_questions('queries', 'retrieval_neighbors') }}
),

found as (
    select
        approach_dir,
        decision_phase,
        pool_level_id,
        -- a column per field of a neighbor
        unnest(found, recursive := true)  -- noqa: AL03
    from asked
),

horizons as (
    select
        unnest({{ var('retrieval_horizons') }}) as horizon_id,
        unnest(range({{ var('retrieval_horizons') | length }})) as horizon
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
