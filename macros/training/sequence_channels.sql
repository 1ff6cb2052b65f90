{#
    Channels of sequence_dataset, a mapping of name to SQL over a row of five seconds (`steps`) and,
    at its end, level_offset_1s, the move of the mid, market_features_1s, physics_bands_1s,
    level_corridor_1s, the depth around spot, turn_conditions_1s and the exposure at the strike
    nearest to the level.
#}
{% macro sequence_channels() -%}
    {{ return({
        'k_ticks_shares': 'offsets.k_ticks / ' ~ var('level_approach_max_ticks'),
        'k_vols': 'offsets.k_vol',
        'mid_return_ticks': 'moves.mid_return_ticks',
        'sigmas_1s_ticks': 'offsets.sigma_1s_ticks',
        'book_imbalances_l1': 'market.book_imbalance_l1',
        'ofi_5s_rel_depths': 'market.ofi_5s / (depths.spot_depth_per_tick + 1)',
        'above_scores': 'bands.above_score',
        'below_scores': 'bands.below_score',
        'vacuum_total_scores': 'bands.vacuum_total_score',
        'corridor_rel_depths': 'corridor.corridor_rel_depth',
        'beyond_rel_depths': 'corridor.beyond_rel_depth',
        'gex_imbalance_ratios': 'strikes.gex_imbalance_ratio',
        'asks_retreat_zs': 'turn_states.asks_retreat_z',
        'asks_pull_zs': 'turn_states.asks_pull_z',
        'bids_recede_zs': 'turn_states.bids_recede_z',
        'bids_pull_zs': 'turn_states.bids_pull_z',
    }) }}
{%- endmacro %}
