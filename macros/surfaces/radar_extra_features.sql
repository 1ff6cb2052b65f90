{#
    Features beside radar_features(), in no vector: an accurate name, and ratios whose numerator and
    denominator count the same orders.
#}
{% macro radar_extra_features() -%}
    {{ return({
        'u14_bid_midfar_pull_share_rest': '(bid_pull_mid + bid_pull_far) / (bid_pull + 1)',
        'f2_ask_pull_add_log_all': log_ratio('ask_pull_all', 'ask_add'),
        'f4_bid_pull_add_log_all': log_ratio('bid_pull_all', 'bid_add'),
        'u5_ask_pull_add_log_all': log_ratio('ask_pull_all', 'ask_add'),
        'u12_bid_add_pull_log_all': log_ratio('bid_add', 'bid_pull_all'),
    }) }}
{%- endmacro %}
