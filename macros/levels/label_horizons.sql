{# Query of the horizons of a label: horizon_id, and either elapsed_s or bars. #}
{% macro label_horizons() -%}
    {%- set horizons = [] -%}
    {%- for name, seconds in var('horizons_s').items() -%}
        {%- do horizons.append("('" ~ name ~ "', " ~ seconds ~ ", null)") -%}
    {%- endfor -%}
    {%- for bars in range(var('horizon_bars') + 1) -%}
        {%- do horizons.append("('h" ~ bars ~ "', null, " ~ bars ~ ")") -%}
    {%- endfor -%}
    select
        horizon_id,
        elapsed_s,
        bars
    from (values {{ horizons | join(', ') }}) as horizons (horizon_id, elapsed_s, bars)
{%- endmacro %}
