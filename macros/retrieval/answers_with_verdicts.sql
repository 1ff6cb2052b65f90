{#
    CTEs and query of published answers: those of the relation `answers`, which the caller names,
    with the calibration maps and the verdict of the evaluation that were known on their day. An
    answer takes those of its own phase; without `has_phases` all are of phase approaching.
#}
{% macro answers_with_verdicts(has_phases=true) -%}
    {%- set outcomes = ['break', 'reject', 'chop'] -%}
    {%- set phase = 'decision_phase' if has_phases else "'approaching'" -%}
    -- a row per day from which on maps may be used
    maps as (
        select
            root,
            approach_dir,
            decision_phase,
            horizon_id,
            model,
            asof_dt,
            any_value(least_probability) as least_probability,
            {% for outcome in outcomes %}
                any_value(slope) filter (outcome = '{{ outcome | upper }}') as slope_{{ outcome }},
                any_value(intercept) filter (outcome = '{{ outcome | upper }}')
                    as intercept_{{ outcome }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref('eval_retrieval_maps') }}
        group by root, approach_dir, decision_phase, horizon_id, model, asof_dt
    ),

    -- the smallest and largest answers lie where the maps were fitted; least() and greatest() skip
    -- NULL, so an answer without a map must stay out of them
    clipped as (
        select
            answers.*,
            maps.model || '_platt_' || maps.asof_dt as map_id,
            maps.least_probability,
            {% for outcome in outcomes %}
                maps.slope_{{ outcome }},
                maps.intercept_{{ outcome }},
                case
                    when maps.least_probability > 0
                        then least(
                            greatest(answers.p_{{ outcome }}, maps.least_probability),
                            1 - maps.least_probability
                        )
                end as clipped_{{ outcome }}{{ "," if not loop.last }}
            {% endfor %}
        from answers
        asof left join maps
            on
                {{ root_of('answers.symbol') }} = maps.root
                and answers.approach_dir = maps.approach_dir
                and {{ 'answers.' if has_phases }}{{ phase }} = maps.decision_phase
                and answers.horizon_id = maps.horizon_id
                and 'retrieval_' || answers.space = maps.model
                and answers.dt >= maps.asof_dt
    ),

    mapped as (
        select
            *,
            {% for outcome in outcomes %}
                greatest(
                    1 / (1 + exp(-(
                        slope_{{ outcome }}
                        * ln(clipped_{{ outcome }} / (1 - clipped_{{ outcome }}))
                        + intercept_{{ outcome }}
                    ))),
                    least_probability
                ) as mapped_{{ outcome }}{{ "," if not loop.last }}
            {% endfor %}
        from clipped
    ),

    verdicts as (
        select * from {{ ref('eval_retrieval_verdict_asof') }}
    ),

    judged as (
        select
            mapped.*,
            case when mapped.is_judged then verdicts.verdict_run end as verdict_run,
            coalesce(case when mapped.is_judged then verdicts.verdict end, 'not evaluated')
                as verdict
        from mapped
        asof left join verdicts
            on
                {{ root_of('mapped.symbol') }} = verdicts.root
                and mapped.approach_dir = verdicts.approach_dir
                and {{ 'mapped.' if has_phases }}{{ phase }} = verdicts.decision_phase
                and mapped.horizon_id = verdicts.horizon_id
                and 'retrieval_' || mapped.space = verdicts.model
                and mapped.dt >= verdicts.asof_dt
    )

    select
        symbol,
        dt,
        level_id,
        window_end_ts,
        horizon_id,
        vector_id,
        approach_dir,
        {{ 'decision_phase,' if has_phases }}
        pool_level_id,
        retrieval_family,
        k_ticks,
        horizon_s,
        barrier_ticks,
        is_judged,
        space,
        {{ 'space_phases,' if has_phases }}
        p_break_raw,
        p_reject_raw,
        p_chop_raw,
        p_break,
        p_reject,
        p_chop,
        p_reached,
        distance_band,
        {% for prefix in ['base', 'base_all'] %}
            {% for name in outcomes + ['reached'] %}
                {{ prefix }}_{{ name }},
            {% endfor %}
        {% endfor %}
        n_neighbors,
        n_distinct_days,
        n_distinct_episodes,
        n_eff,
        neighbors_ok,
        mean_similarity,
        similarity_floor,
        is_similar,
        entropy,
        time_to_hit_q50_s,
        mfe_q50_ticks,
        mfe_q80_ticks,
        mae_q50_ticks,
        mae_q80_ticks,
        verdict,
        verdict_run,
        {% for outcome in outcomes %}
            if(is_similar, mapped_{{ outcome }}, null)
            / (mapped_break + mapped_reject + mapped_chop) as p_{{ outcome }}_cal,
        {% endfor %}
        if(is_similar, map_id, null) as calibration_id,
        library_last_dt
    from judged
{%- endmacro %}
