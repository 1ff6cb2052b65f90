{#
    CTEs and query of the rows of retrieval_answers. The caller names the relations `queries`, made
    by retrieval_queries, and `decisions`, with the barriers of each level_id and window_end_ts; for
    the arguments see retrieval_questions.
#}
{% macro answers_of_queries(
    files_relation='retrieval_library_files', statistics='vector_norm_stats', has_phases=true
) -%}
    {%- set shares = ['break', 'reject', 'chop'] -%}
    asked as (
        {{ retrieval_questions(
            'queries', 'retrieval_answers', files_relation, statistics, has_phases
        ) }}
    ),

    found as (
        select
            root,
            approach_dir,
            decision_phase,
            pool_level_id,
            -- a column per field of an answer
            unnest(found, recursive := true)  -- noqa: AL03
        from asked
    ),

    known_horizons as (
        {{ label_horizons() }}
    ),

    horizons as (
        select
            *,
            list_position({{ var('retrieval_horizons') }}, horizon_id) - 1 as horizon
        from known_horizons
        where horizon_id in {{ sql_list(var('retrieval_horizons')) }}
    ),

    lengths as (
        select
            queries.*,
            horizons.horizon_id,
            horizons.horizon,
            {{ label_horizon_s('queries.window_end_ts') }} as horizon_s
        from queries
        cross join horizons
    ),

    barriers as (
        select
            lengths.*,
            {{ barrier_ticks(
                'decisions.barrier_mode',
                'decisions.sigma_1s_ticks',
                'lengths.horizon_s',
                'decisions.barrier_min_ticks'
            ) }} as barrier_ticks
        from lengths
        left join decisions
            on
                lengths.level_id = decisions.level_id
                and lengths.window_end_ts = decisions.window_end_ts
    ),

    -- a horizon may have nearer barriers than those that decisions go by
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
        {{ 'judged.decision_phase,' if has_phases }}
        judged.pool_level_id,
        judged.retrieval_family,
        judged.horizon_id,
        judged.k_ticks,
        judged.horizon_s,
        judged.barrier_ticks,
        judged.is_judged,
        found.space,
        {{ 'found.space_phases,' if has_phases }}
        {% for name in shares %}
            found.p_{{ name }}_raw,
        {% endfor %}
        {% for name in shares %}
            found.p_{{ name }},
        {% endfor %}
        found.p_reached,
        {{ distance_band('judged.k_ticks', 'judged.decision_phase') }} as distance_band,
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
{%- endmacro %}
