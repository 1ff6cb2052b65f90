{#
    The vars as JSON that, besides those of retrieval_settings, the evaluation goes by: how it
    walks, what it makes of conditions and retests, and what the models after it read when it
    builds them.
#}
{% macro evaluation_settings() -%}
    {{ return(vars_as_json([
        'embargo_days',
        'evaluation_warm_up_days',
        'evaluation_windows_per_episode',
        'evaluation_horizons',
        'reach_ticks',
        'vector_window_s',
        'market_lookback_s',
        'sma_bar_s',
        'local_tz',
        'rth_start',
        'rth_end',
        'condition_window_s',
        'condition_windows_s',
        'condition_min_episodes',
        'condition_hold_s',
        'key_move_before_s',
        'key_move_min_movements',
        'key_move_placebo_draws',
        'break_ticks',
        'broken_hold_s',
        'retest_ticks',
        'retest_outcome_ticks',
        'retest_horizon_s',
        'spot_every_s',
        'retrieval_queries',
        'signals_need_verdict',
        'signal_verdict_days',
        'tune_trigger_thresholds',
        'trigger_threshold_grid',
        'trigger_search_limits',
        'course_after_touch_s',
        'ladder_wall_ratio',
        'ladder_min_contracts',
    ])) }}
{%- endmacro %}
