{#
    Query of what `spymaster evaluate` wrote last for the model, the columns of its contract; typed
    and empty before its first run, and while the file is one of an older version that lacks a
    column.
#}
{% macro read_evaluation() -%}
    {%- set columns = contract_columns(model.name) -%}
    {%- set file = lake_root() ~ '/evaluation/' ~ model.name ~ '.parquet' -%}
    {%- set there = [] -%}
    {%- if execute and run_query("select file from glob(" ~ sql_list([file])[1:-1] ~ ")").rows -%}
        {%- set written = run_query("describe select * from read_parquet(" ~ sql_list([file])[1:-1] ~ ")") -%}
        {%- do there.extend(written.columns['column_name'].values()) -%}
    {%- endif -%}
    {%- set is_whole = columns.keys() | reject('in', there) | list | length == 0 -%}
    select
        {%- for name, type in columns.items() %}
        cast({{ name if is_whole else 'null' }} as {{ type }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    {% if is_whole -%}
        from read_parquet({{ sql_list([file])[1:-1] }})
    {%- else -%}
        where false
    {%- endif -%}
{%- endmacro %}
