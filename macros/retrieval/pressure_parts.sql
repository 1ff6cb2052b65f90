{#
    Parts of the pressure on a level: a mapping of column to the features of its logistic function,
    by direction of approach. Shares are centred on one half.
#}
{% macro pressure_parts() -%}
    {{ return({
        'pressure_above_retreat': {
            'up': 'u1_ask_com_disp_log',
            'down': 'f1_ask_com_disp_log',
        },
        'pressure_above_decay_or_build': {
            'up': 'u5_ask_pull_add_log_rest',
            'down': 'f2_ask_pull_add_log_rest',
        },
        'pressure_above_localization': {
            'up': 'u7_ask_near_pull_share_rest - 0.5',
            'down': 'f2_ask_near_pull_share_rest - 0.5',
        },
        'pressure_above_shock': {
            'up': 'd2_u5_ask_pull_add_log_rest',
            'down': 'd2_f2_ask_pull_add_log_rest',
        },
        'pressure_below_retreat_or_recede': {
            'up': 'u8_bid_com_approach_log',
            'down': 'f3_bid_com_disp_log',
        },
        'pressure_below_decay_or_build': {
            'up': 'u12_bid_add_pull_log_rest',
            'down': 'f4_bid_pull_add_log_rest',
        },
        'pressure_below_localization': {
            'up': 'u10_bid_near_share_rise',
            'down': 'f4_bid_near_pull_share_rest - 0.5',
        },
        'pressure_below_shock': {
            'up': 'd2_u12_bid_add_pull_log_rest',
            'down': 'd2_f4_bid_pull_add_log_rest',
        },
    }) }}
{%- endmacro %}
