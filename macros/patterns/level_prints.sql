{#
    Fingerprints around a level, a mapping of name to SQL over rows of order_fingerprints_5s
    (fingerprints), aggregated; NULL without support. A share times its count is a whole number, so
    that the order of summing does not matter.
#}
{% macro level_prints() -%}
    {%- set prints = {
        'top_size_share': ('cast(round(top_size_share * add_count) as bigint)', 'add_count'),
        'requote_share': ('requote_pair_count', 'add_count'),
        'chase_share': ('cast(round(chase_share * requote_count) as bigint)', 'requote_count'),
        'withdraw_on_approach_share': ('withdrawn_qty', 'approached_qty'),
        'react_1ms': ('cast(round(react_1ms * cancel_count) as bigint)', 'cancel_count'),
        'react_5ms': ('cast(round(react_5ms * cancel_count) as bigint)', 'cancel_count'),
        'react_20ms': ('cast(round(react_20ms * cancel_count) as bigint)', 'cancel_count'),
        'short_life_share': ('n_orders_max_life_ms_10', 'cancel_count'),
        'refill_share': ('refill_count', 'add_count'),
        'periodic_share': ('cast(is_periodic as integer)', 'if(is_periodic is null, null, 1)'),
    } -%}
    {%- set found = {} -%}
    {%- for name, parts in prints.items() -%}
        {%- do found.update({name: 'sum(' ~ parts[0] ~ ') / nullif(sum(' ~ parts[1] ~ '), 0)'}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
