{#
    In a partitioned model: predicate of the partition being built, of columns that name its owner
    and its date. The materialization fills in the placeholders.
#}
{% macro in_partition(owner=none, dt='dt') -%}
    {%- set column = (config.get('meta') or {}).get('partition_by', ['symbol'])[0] -%}
    {{ owner or column }} = {{ partition_value(column) }} and {{ dt }} = {{ partition_value('dt') }}
{%- endmacro %}
