{# Price, depth and orders of both sides at the numbered levels of the book. #}
{% macro level_columns(levels) -%}
    {%- for level in levels %}
        bid_px_{{ level }}_int,
        ask_px_{{ level }}_int,
        cast(bid_sz_{{ level }} as bigint) as bid_sz_{{ level }},
        cast(ask_sz_{{ level }} as bigint) as ask_sz_{{ level }},
        {{ order_count('bid_ct_' ~ level, 'bid_sz_' ~ level) }} as bid_ct_{{ level }},
        {{ order_count('ask_ct_' ~ level, 'ask_sz_' ~ level) }} as ask_ct_{{ level }}
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
