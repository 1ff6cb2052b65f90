{#
    Names of what is averaged over time: values of the whole view, and per band the imbalance and
    the share of each side.
#}
{% macro time_weighted_names() -%}
    {%- set names = ['spread_ticks', 'book_imbalance_l1', 'book_imbalance_l10'] -%}
    {%- for band in market_bands() -%}
        {%- do names.append('depth_imbalance_' ~ band) -%}
    {%- endfor -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- for band in market_bands() -%}
            {%- do names.append('depth_' ~ side ~ '_' ~ band ~ '_frac') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
