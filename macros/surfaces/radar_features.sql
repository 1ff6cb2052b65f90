{#
    The liquidity features around an anchor [radar], a mapping of name to SQL over bucket sums: for
    each side S of ask and bid the columns S_depth_start, S_depth_end, S_depth_{at,near}_start,
    S_depth_{at,near,far}_end, S_distance_qty_{start,end} (sum of |ticks| times contracts),
    S_best_ticks (NULL: no depth), S_add, S_pull, S_pull_{at,near,mid,far}, S_pull_all, S_away,
    S_toward; all integers. Spot and level anchors share it. A formula may use the names of earlier
    formulas.
#}
{% macro radar_features() -%}
    {%- set features = {} -%}
    {%- for side, shape, flow in [('ask', 'f1_ask', 'f2_ask'), ('bid', 'f3_bid', 'f4_bid')] -%}
        {%- do features.update({
            shape ~ '_com_disp_log': log_ratio(
                centre_of_mass(side, 'end'), centre_of_mass(side, 'start')
            ),
            shape ~ '_slope_convex_log': log_ratio(
                side ~ '_depth_far_end', side ~ '_depth_near_end'
            ),
            shape ~ '_slope_inner_log': log_ratio(side ~ '_depth_near_end', side ~ '_depth_at_end'),
            shape ~ '_at_share_delta': depth_share_change(side, 'at'),
            shape ~ '_near_share_delta': depth_share_change(side, 'near'),
            shape ~ '_reprice_away_share_rest':
                'case when ' ~ side ~ '_away + ' ~ side ~ '_toward = 0 then 0.5 else '
                ~ side ~ '_away / (' ~ side ~ '_away + ' ~ side ~ '_toward + 1) end',
            flow ~ '_pull_add_log_rest': log_ratio(side ~ '_pull', side ~ '_add'),
            flow ~ '_pull_intensity_log_rest': log1p_share(side ~ '_pull', side ~ '_depth_start'),
            flow ~ '_at_pull_share_rest': side ~ '_pull_at / (' ~ side ~ '_pull + 1)',
            flow ~ '_near_pull_share_rest': side ~ '_pull_near / (' ~ side ~ '_pull + 1)',
        }) -%}
    {%- endfor -%}
    {%- do features.update({
        'f5_vacuum_expansion_log': 'f1_ask_com_disp_log + f3_bid_com_disp_log',
        'f6_vacuum_decay_log': 'f2_ask_pull_add_log_rest + f4_bid_pull_add_log_rest',
        'f7_vacuum_total_log': 'f5_vacuum_expansion_log + f6_vacuum_decay_log',
        'f8_ask_bbo_dist_ticks': 'cast(coalesce(ask_best_ticks, ' ~ zone_ticks() ~ ') as double)',
        'f9_bid_bbo_dist_ticks': 'cast(coalesce(bid_best_ticks, ' ~ zone_ticks() ~ ') as double)',
        'u1_ask_com_disp_log': 'f1_ask_com_disp_log',
        'u2_ask_slope_convex_log': 'f1_ask_slope_convex_log',
        'u2_ask_slope_inner_log': 'f1_ask_slope_inner_log',
        'u3_ask_at_share_decay': '-f1_ask_at_share_delta',
        'u3_ask_near_share_decay': '-f1_ask_near_share_delta',
        'u4_ask_reprice_away_share_rest': 'f1_ask_reprice_away_share_rest',
        'u5_ask_pull_add_log_rest': 'f2_ask_pull_add_log_rest',
        'u6_ask_pull_intensity_log_rest': 'f2_ask_pull_intensity_log_rest',
        'u7_ask_at_pull_share_rest': 'f2_ask_at_pull_share_rest',
        'u7_ask_near_pull_share_rest': 'f2_ask_near_pull_share_rest',
        'u8_bid_com_approach_log': '-f3_bid_com_disp_log',
        'u9_bid_slope_support_log': '-f3_bid_slope_convex_log',
        'u9_bid_slope_inner_log': '-f3_bid_slope_inner_log',
        'u10_bid_at_share_rise': 'f3_bid_at_share_delta',
        'u10_bid_near_share_rise': 'f3_bid_near_share_delta',
        'u11_bid_reprice_toward_share_rest': '1 - f3_bid_reprice_away_share_rest',
        'u12_bid_add_pull_log_rest': '-f4_bid_pull_add_log_rest',
        'u13_bid_add_intensity_log': log1p_share('bid_add', 'bid_depth_start'),
        'u14_bid_far_pull_share_rest': '(bid_pull_mid + bid_pull_far) / (bid_pull + 1)',
        'u15_up_expansion_log': 'u1_ask_com_disp_log + u8_bid_com_approach_log',
        'u16_up_flow_log': 'u5_ask_pull_add_log_rest + u12_bid_add_pull_log_rest',
        'u17_up_total_log': 'u15_up_expansion_log + u16_up_flow_log',
        'u18_ask_bbo_dist_ticks': 'f8_ask_bbo_dist_ticks',
        'u19_bid_bbo_dist_ticks': 'f9_bid_bbo_dist_ticks',
    }) -%}
    {{ return(features) }}
{%- endmacro %}
