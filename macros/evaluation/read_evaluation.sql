{#
    A relation over what `spymaster evaluate` wrote last; typed and empty before its first run.
    `columns` maps the columns to their types.
#}
{% macro read_evaluation(columns) -%}
    {%- set file = lake_root() ~ '/evaluation/' ~ model.name ~ '.parquet' -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- do found.extend(run_query("select file from glob(" ~ sql_list([file])[1:-1] ~ ")").rows) -%}
    {%- endif -%}
    select
        {%- for name, type in columns.items() %}
        cast({{ name if found else 'null' }} as {{ type }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    {% if found -%}
        from read_parquet('{{ file }}')
    {%- else -%}
        where false
    {%- endif -%}
{%- endmacro %}
