{#
    Query of the horizons of a label: horizon_id, and either elapsed_s or bars.

    - only: names of the horizons; all by default.
#}
{% macro label_horizons(only=none) -%}
    {%- set horizons = [] -%}
    {%- for name, seconds in var('horizons_s').items() if only is none or name in only -%}
        {%- do horizons.append("('" ~ name ~ "', " ~ seconds ~ ", null)") -%}
    {%- endfor -%}
    {%- for bars in range(var('horizon_bars') + 1) if only is none or 'h' ~ bars in only -%}
        {%- do horizons.append("('h" ~ bars ~ "', null, " ~ bars ~ ")") -%}
    {%- endfor -%}
    select
        horizon_id,
        elapsed_s,
        bars
    from (values {{ horizons | join(', ') }}) as horizons (horizon_id, elapsed_s, bars)
{%- endmacro %}
