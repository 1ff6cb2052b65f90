{#
    SQL with the values of the vars that it names as var('name'), var('name')[position] or
    var('name')['key']. dbt does not render such text where it parses a yml, so that a check follows
    the vars of the run.
#}
{% macro with_vars(sql) -%}
    {%- set filled = namespace(sql=sql) -%}
    {%- set calls = modules.re.findall(
        "(var\\('(\\w+)'\\)(?:\\[(?:(\\d+)|'(\\w+)')\\])?)", sql
    ) -%}
    {%- for call, name, position, key in calls -%}
        {%- set value = var(name) -%}
        {%- if position -%}
            {%- set value = value[position | int] -%}
        {%- elif key -%}
            {%- set value = value[key] -%}
        {%- endif -%}
        {%- set filled.sql = filled.sql | replace(call, sql_literals([value])) -%}
    {%- endfor -%}
    {{ return(filled.sql) }}
{%- endmacro %}
