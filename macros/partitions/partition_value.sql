{#
    In a model of materialization `partitioned`: the value of a column of the built partition's
    row of the upstream relation, as a literal. The materialization fills in the placeholder.
#}
{% macro partition_value(column) -%}
    {%- if column == 'dt' -%}
        date '__partition_dt__'
    {%- else -%}
        '__partition_{{ column }}__'
    {%- endif -%}
{%- endmacro %}
