{# Steps that the documentation of the previous version named: their old names stay as views. #}
{% macro steps_named_before() -%}
    {{ return([
        'approach_windows_5s',
        'book_records',
        'engine_levels_1s',
        'fingerprint_windows_5s',
        'level_event_approach',
        'level_event_kinematics',
        'level_event_labels',
        'level_event_moments',
        'level_event_order_flow',
        'level_event_surroundings',
        'market_book_1s',
        'movement_seconds_1s',
        'option_quote_flow_1s',
        'spot_days',
        'spot_library_days',
        'spot_library_plan',
        'spot_library_rows',
        'spot_pools',
        'turn_calibration',
        'turn_flows_1s',
        'turn_measures_1s',
        'turn_states_1s',
        'usual_depth_1s',
    ]) }}
{%- endmacro %}
