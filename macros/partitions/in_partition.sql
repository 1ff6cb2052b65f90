{#
    In a model of materialization `partitioned`: predicate of the partition being built, and the
    value of a column of its row of the upstream relation, as a literal. The materialization
    fills in the placeholders.
#}
{% macro in_partition(symbol='symbol', dt='dt') -%}
    {{ symbol }} = {{ partition_value('symbol') }} and {{ dt }} = {{ partition_value('dt') }}
{%- endmacro %}


{% macro partition_value(column) -%}
    {%- if column == 'dt' -%}
        date '__partition_dt__'
    {%- else -%}
        '__partition_{{ column }}__'
    {%- endif -%}
{%- endmacro %}


{# The SQL with the values of one partition; without values, for a look at its columns. #}
{% macro fill_partition(sql, values) -%}
    {%- set filled = namespace(sql=sql) -%}
    {%- for column, value in values.items() -%}
        {%- set filled.sql = filled.sql
            | replace('__partition_' ~ column ~ '__', value | string | replace("'", "''")) -%}
    {%- endfor -%}
    {{ return(filled.sql | replace('__partition_dt__', '1970-01-01')) }}
{%- endmacro %}
