{# Call of the market kernels on two landed files and a day, each as SQL; see the plugin. #}
{% macro market_seconds_call(mbo, mbp10, tick_int, day_start_s) -%}
    {%- set edges = [] -%}
    {%- for ends in var('market_bands').values() -%}
        {%- do edges.append(ends[1]) -%}
    {%- endfor -%}
    select write_market_seconds(
        {{ mbo }},
        {{ mbp10 }},
        {{ tick_int }},
        {{ day_start_s }},
        {{ market_bands() }},
        {{ edges }},
        {{ var('ofi_price_reach_ticks') }},
        '{{ market_seconds_file() }}'
    )
{%- endmacro %}
