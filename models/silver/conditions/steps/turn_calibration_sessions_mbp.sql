{{ turn_earlier_sessions(
    'turn_measures_mbp_1s', 'turn_flows_mbp_1s', 'reach_ticks is not null', quality='data_quality'
) }}
