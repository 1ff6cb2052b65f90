{#
    Query of the results of a retrieval function (column `found`, a list) for the queries of each
    pool, from a relation made by retrieval_queries. Leaves out decisions that are no queries, and
    pools without vectors. `files_relation` is like retrieval_library_files, `statistics` like
    vector_norm_stats.
#}
{% macro retrieval_questions(
    queries,
    function,
    files_relation='retrieval_library_files',
    statistics='vector_norm_stats',
    has_phases=true
) -%}
    select
        asked.root,
        asked.approach_dir,
        asked.decision_phase,
        asked.pool_level_id,
        {{ function }}(
            {{ library_files('files') }},
            {{ partition_value('dt') }},
            asked.pool_level_ids,
            asked.decision_phase,
            asked.vectors,
            asked.distances,
            statistics.by_column,
            '{{ retrieval_settings() }}'
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
        from {{ queries }}
        where is_asked and pool_vectors > 0
        group by root, approach_dir, decision_phase, pool_level_id
    ) as asked
    inner join {{ ref(files_relation) }} as files
        on
            asked.root = files.root
            and asked.approach_dir = files.approach_dir
    inner join (
        select
            approach_dir,
            {{ 'decision_phase,' if has_phases }}
            level_id,
            list(
                struct_pack(median := median, mad := mad, std := std) order by feature_index
            ) as by_column
        from {{ ref(statistics) }}
        where
            root = {{ root_of(partition_value('symbol')) }}
            and dt = {{ partition_value('dt') }}
        group by approach_dir, {{ 'decision_phase,' if has_phases }} level_id
    ) as statistics
        on
            asked.approach_dir = statistics.approach_dir
            and asked.pool_level_id = statistics.level_id
            {% if has_phases %}and asked.decision_phase = statistics.decision_phase{% endif %}
{%- endmacro %}
