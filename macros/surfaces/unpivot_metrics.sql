{# Query of one row per scaled metric, over a relation like vacuum_metrics_1s. #}
{% macro unpivot_metrics(relation, keys) -%}
    {%- for name, expression in scaled_metrics().items() %}
    select
        {{ keys | join(', ') }},
        '{{ name }}' as metric_name,
        {{ expression }} as metric_value
    from {{ relation }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
