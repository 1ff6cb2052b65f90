{#
    A constant of the level engines, a row of seed engine_constants, as a literal of the compiled
    model: a changed row changes the model's code, which rebuilds its partitions.
#}
{% macro engine_const(name) -%}
    {%- set seed = ref('engine_constants') -%}
    {%- if not execute -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set source = seed if load_relation(seed) is not none
        else '(' ~ read_seed('engine_constants') ~ ')' -%}
    {%- set found = run_query(
        "select value from " ~ source ~ " where name = '" ~ name ~ "'"
    ).columns[0].values() -%}
    {%- if found | length != 1 -%}
        {{ exceptions.raise_compiler_error(
            "seed engine_constants has " ~ (found | length) ~ " rows named '" ~ name ~ "', not one"
        ) }}
    {%- endif -%}
    {%- set value = found[0] | float -%}
    {{ return(value | int if value == value | int else value) }}
{%- endmacro %}
