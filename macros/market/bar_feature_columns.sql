{# Query of the features of market_by_price_10_bar5s, from seed feature_names. #}
{% macro bar_feature_columns() -%}
    {%- set names = [
        'mid_price_eob', 'microprice_eob', 'spread_ticks_eob', 'book_imbalance_l1_eob',
        'book_imbalance_l10_eob', 'depth_l1_qty_twa', 'depth_l10_qty_twa', 'ofi_l1_sum',
        'ofi_l10_sum', 'ofi_price_10t_sum',
        'trade_count_sum', 'trade_volume_sum', 'trade_signed_volume_sum', 'trade_imbalance_sum',
        'trade_last_price_int',
    ] -%}
    {%- for name in time_weighted_names() -%}
        {%- do names.append(name ~ '_twa') -%}
    {%- endfor -%}
    {%- for band in market_bands() -%}
        {%- do names.append('depth_imbalance_' ~ band ~ '_eob') -%}
    {%- endfor -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- for band in market_bands() -%}
            {%- do names.append('depth_' ~ side ~ '_' ~ band ~ '_frac_eob') -%}
            {%- do names.append('flow_net_' ~ side ~ '_' ~ band ~ '_sum') -%}
        {%- endfor -%}
        {%- for level in range(10) -%}
            {%- for part in ['sz', 'ct'] -%}
                {%- do names.append('shape_%s_%s_frac_l%02d_eob' | format(side, part, level)) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for name in [
            'depth_' ~ side ~ '10_qty_eob',
            'ladder_' ~ side ~ '_gap_max_ticks_eob',
            'ladder_' ~ side ~ '_gap_mean_ticks_eob',
            'wall_' ~ side ~ '_max_z',
            'wall_' ~ side ~ '_max_level',
            'wall_' ~ side ~ '_nearest_dist_ticks',
        ] -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for window_s in var('realised_volatility_windows_s') -%}
        {%- do names.append('rv_' ~ window_s ~ 's_ticks') -%}
    {%- endfor -%}
    select name, data_type, description
    from ({{ read_seed('feature_names') }})
    where name in ({{ sql_literals(names) }})
{%- endmacro %}
