{#
    In a partitioned model: the value of a column of the built partition's row of its source, as a
    literal. The materialization fills in the placeholder.
#}
{% macro partition_value(column) -%}
    {{ "date '__partition_dt__'" if column == 'dt' else "'__partition_" ~ column ~ "__'" }}
{%- endmacro %}
