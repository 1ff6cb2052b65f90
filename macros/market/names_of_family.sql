{# Those of the names that seed feature_names gives a family, in their order. #}
{% macro names_of_family(names, family) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select name from ({{ read_seed('feature_names') }}) where family = '{{ family }}'
    {%- endset -%}
    {%- set listed = run_query(query).columns[0].values() | list -%}
    {%- set found = [] -%}
    {%- for name in names if name in listed -%}
        {%- do found.append(name) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
