{#
    The rows that a var adds to a seed, which the seed's meta.rows_of_var names; mostly none. Var
    levels_in_use adds the round levels.
#}
{% macro rows_of_var(seed_config) -%}
    {%- set name = seed_config.get('meta', {}).get('rows_of_var') -%}
    {%- if name == 'levels_in_use' -%}
        {{ return(round_levels()) }}
    {%- endif -%}
    {{ return(var(name) if name else []) }}
{%- endmacro %}
