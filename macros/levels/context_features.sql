{#
    What a trigger vector's context holds, a mapping of name to SQL over level_corridor_1s,
    level_offset_1s and physics_bands_1s at the time of the decision. Those of options are NULL.
#}
{% macro context_features() -%}
    {%- set approach_ticks = var('level_approach_max_ticks') -%}
    {{ return({
        'corridor_rel_depth': 'corridor.corridor_rel_depth',
        'beyond_rel_depth': 'corridor.beyond_rel_depth',
        'beyond_corridor_log': 'corridor.beyond_corridor_log',
        'beyond_max_depth_log': log_ratio('corridor.beyond_max_depth', 'corridor.spot_depth_per_tick'),
        'beyond_max_rho_share': 'corridor.beyond_max_rho / ' ~ zone_ticks(),
        'behind_pull_add_log': 'corridor.behind_pull_add_log',
        'above_score': 'bands.above_score',
        'below_score': 'bands.below_score',
        'k_ticks_share': 'corridor.k_ticks / ' ~ approach_ticks,
        'closing_speed_15s': 'offsets.closing_speed_15s',
        'gex_imbalance_ratio_below': 'null',
        'gex_imbalance_ratio_at': 'null',
        'gex_imbalance_ratio_above': 'null',
        'call_wall_distance': 'null',
        'put_wall_distance': 'null',
        'gamma_flip_distance': 'null',
    }) }}
{%- endmacro %}
