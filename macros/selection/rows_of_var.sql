{# The rows that a var adds to a seed, which the seed's meta.rows_of_var names; mostly none. #}
{% macro rows_of_var(seed_config) -%}
    {%- set name = seed_config.get('meta', {}).get('rows_of_var') -%}
    {{ return(var(name) if name else []) }}
{%- endmacro %}
