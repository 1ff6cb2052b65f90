{#
    Values of a trigger vector's context, a mapping of name to SQL over the decision (`wanted`) and,
    at its time, level_corridor_1s,
    level_offset_1s, physics_bands_1s, gex_summary_1s and the ratios of gex_surface_1s at the
    level's strike and its neighbors, all at the time of the decision. Values of options are NULL
    without options. Distances of walls and flip count from spot, like k_ticks_share.
#}
{% macro context_features() -%}
    {%- set approach_ticks = var('level_approach_max_ticks') -%}
    {%- set option_ticks = var('context_option_ticks') -%}
    {{ return({
        'corridor_rel_depth': 'corridor.corridor_rel_depth',
        'beyond_rel_depth': 'corridor.beyond_rel_depth',
        'beyond_corridor_log': 'corridor.beyond_corridor_log',
        'beyond_max_depth_log': log_ratio(
            'corridor.beyond_max_depth', 'corridor.spot_depth_per_tick'
        ),
        'beyond_max_rho_share': 'corridor.beyond_max_rho / ' ~ zone_ticks(),
        'behind_pull_add_log': 'corridor.behind_pull_add_log',
        'above_score': 'bands.above_score',
        'below_score': 'bands.below_score',
        'k_ticks_share': 'wanted.k_ticks / ' ~ approach_ticks,
        'closing_speed_15s':
            "if(wanted.approach_dir = 'approach_up', 1, -1) * offsets.speed_15s",
        'gex_imbalance_ratio_below': 'strikes.ratios.ratio_below',
        'gex_imbalance_ratio_at': 'strikes.ratios.ratio_at',
        'gex_imbalance_ratio_above': 'strikes.ratios.ratio_above',
        'call_wall_distance': 'summary.call_wall_ticks / ' ~ option_ticks,
        'put_wall_distance': 'summary.put_wall_ticks / ' ~ option_ticks,
        'gamma_flip_distance': 'summary.gamma_flip_ticks / ' ~ option_ticks,
    }) }}
{%- endmacro %}
