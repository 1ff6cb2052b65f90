{#
    Query of the vectors of the partition being built, with the pool of each and its number among
    the queries to that pool. A decision outside the barriers has no episode and is no query.
    `condition` filters on columns of `vectors`, a relation like retrieval_vectors; `pools` is one
    like retrieval_pools; without `has_phases` every vector is of phase approaching.
#}
{% macro retrieval_queries(
    condition='true', vectors='retrieval_vectors', pools='retrieval_pools', has_phases=true
) -%}
    {%- set phase = "coalesce(vectors.decision_phase, 'approaching')" if has_phases
        else "'approaching'" %}
    select
        vectors.vector_id,
        vectors.symbol,
        vectors.dt,
        vectors.level_id,
        vectors.window_end_ts,
        vectors.approach_dir,
        {{ phase }} as decision_phase,
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
                {{ phase }},
                pools.pool_level_id,
                vectors.episode_id is not null
            order by vectors.window_end_ts, vectors.level_id
        ) - 1 as query
    from {{ ref(vectors) }} as vectors
    inner join {{ ref(pools) }} as pools
        on
            vectors.dt = pools.dt
            and vectors.level_id = pools.level_id
            and vectors.approach_dir = pools.approach_dir
            {% if has_phases %}and {{ phase }} = pools.decision_phase{% endif %}
    where
        {{ in_partition('vectors.symbol', 'vectors.dt') }}
        and pools.root = {{ root_of(partition_value('symbol')) }}
        and {{ condition }}
{%- endmacro %}
