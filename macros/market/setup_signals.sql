{#
    Signals of setup vectors, a mapping of name to SQL over a valid bar (bars), its setup (setups,
    whose sign is 1 for up and -1 for down), the tick (contract_day) and the mean and standard
    deviation of the order flow imbalance over the setup's look-back (flows).
#}
{% macro setup_signals() -%}
    {%- set const = var('setup_pressure') -%}
    {%- set terms = [] -%}
    {%- for name in ['book_imbalance_l1', 'book_imbalance_l10', 'depth_imbalance_0_4'] -%}
        {%- do terms.append('setups.sign * ' ~ clipped(
            'atanh(bars.' ~ name ~ '_eob * ' ~ const['imbalance_factor'] ~ ') / '
            ~ const['imbalance_divisor']
        )) -%}
    {%- endfor -%}
    {%- set wall = '(bars.wall_bid_max_z - bars.wall_ask_max_z) / ' ~ const['wall_z_divisor'] -%}
    {%- do terms.extend([
        'setups.sign * bars.trade_imbalance_sum',
        'setups.sign * tanh((bars.ofi_l10_sum - flows.ofi_mean) / nullif(flows.ofi_std, 0))',
        'setups.sign * ' ~ clipped(wall),
        '-tanh((bars.spread_ticks_eob - 1) / ' ~ const['spread_divisor_ticks'] ~ ')',
    ]) -%}
    {{ return({
        'signed_distance': 'setups.sign * (bars.trade_last_price_int - setups.level_price_int)'
            ~ ' / contract_day.tick_int',
        'pressure': 'list_avg([' ~ terms | join(', ') ~ '])',
    }) }}
{%- endmacro %}
