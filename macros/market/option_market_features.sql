{#
    Features of the market's options, a mapping of name to SQL over a row of option_market_5s
    (options); all are NULL without one.
#}
{% macro option_market_features() -%}
    {%- set features = {} -%}
    {%- for right in ['call', 'put'] -%}
        {%- for part in ['', '_itm', '_atm', '_otm'] -%}
            {%- set column = 'option_volume_' ~ right ~ part -%}
            {%- do features.update({column ~ '_log': 'ln(1 + options.' ~ column ~ ')'}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for right in ['call', 'put'] -%}
        {%- set column = 'option_trade_count_' ~ right -%}
        {%- do features.update({column ~ '_log': 'ln(1 + options.' ~ column ~ ')'}) -%}
    {%- endfor -%}
    {%- do features.update({
        'put_call_volume_log':
            'ln(1 + options.option_volume_put) - ln(1 + options.option_volume_call)',
    }) -%}
    {%- for right in ['call', 'put'] -%}
        {%- set column = 'signed_premium_' ~ right -%}
        {%- do features.update({column ~ '_log': signed_log('options.' ~ column)}) -%}
    {%- endfor -%}
    {%- do features.update({
        'atm_iv': 'options.atm_iv',
        'skew_25d': 'options.skew_25d',
        'atm_iv_term_diff': 'options.atm_iv_2 - options.atm_iv_1',
        'oi_concentration': 'options.oi_concentration',
    }) -%}
    {{ return(features) }}
{%- endmacro %}
