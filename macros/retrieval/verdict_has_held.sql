{#
    Whether a row of eval_retrieval_verdict_asof and those of the judged days before it,
    var signal_verdict_days in all, say useful. The rule of a verdict is looked at anew each day,
    and without any effect it holds by chance on one of many days far more often than on a given
    one; a run of days is rarer.
#}
{% macro verdict_has_held() -%}
    count(*) filter (verdict = 'useful') over (
        partition by root, approach_dir, horizon_id, model
        order by asof_dt
        rows between {{ var('signal_verdict_days') - 1 }} preceding and current row
    ) = {{ var('signal_verdict_days') }}
{%- endmacro %}
