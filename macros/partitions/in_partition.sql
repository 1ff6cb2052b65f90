{#
    In a model of materialization `partitioned`: predicate of the partition being built. The
    materialization fills in the placeholders.
#}
{% macro in_partition(symbol='symbol', dt='dt') -%}
    {{ symbol }} = {{ partition_value('symbol') }} and {{ dt }} = {{ partition_value('dt') }}
{%- endmacro %}
