{# [from, to) of a named session as local times of day; from the vars of dbt_project.yml. #}
{% macro session_window(name) -%}
    {%- if name == 'rth_study' -%}
        {{ return([var('rth_start'), var('rth_end')]) }}
    {%- elif name in ['premarket', 'opening_range'] -%}
        {{ return(var(name)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "no session is called '" ~ name
        ~ "'; there are premarket, rth_study, opening_range, and globex with a symbol"
    ) }}
{%- endmacro %}
