{#
    Whether a row of eval_retrieval_verdict_asof and the judged days before it, var
    signal_verdict_days in all, have the verdict useful. The verdict is recomputed each day: without
    any effect it is useful by chance on some day far more often than on a given day; a run of days
    is rarer.
#}
{% macro verdict_has_held() -%}
    count(*) filter (verdict = 'useful') over (
        partition by root, approach_dir, decision_phase, horizon_id, model
        order by asof_dt
        rows between {{ var('signal_verdict_days') - 1 }} preceding and current row
    ) = {{ var('signal_verdict_days') }}
{%- endmacro %}
