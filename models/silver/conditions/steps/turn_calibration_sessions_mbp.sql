{{ turn_earlier_sessions(
    'turn_sizes_mbp', 'turn_flows_mbp_1s', 'reach_ticks is not null', quality='data_quality'
) }}
