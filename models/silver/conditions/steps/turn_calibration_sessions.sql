{{ turn_earlier_sessions(
    'turn_measures_1s', 'turn_flows_1s', 'ask_rest_start is not null'
) }}
