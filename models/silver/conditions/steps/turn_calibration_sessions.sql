{{ turn_earlier_sessions(
    'turn_sizes', 'turn_flows_1s', 'ask_rest_start is not null'
) }}
