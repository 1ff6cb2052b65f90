{#
    Features of the market, a mapping of name to SQL over a row of market_by_price_10_bar5s (bars),
    physics_bands_1s at its end (bands), the study session (study) and the tick (contract_day). No
    value depends on the price itself or on contracts as such: prices are seen from the mid in
    ticks, contracts are logs or multiples of the depth of a level.
#}
{% macro market_features() -%}
    {%- set levels = 10 -%}
    {%- set tick = 'contract_day.tick_int' -%}
    {%- set mid_ticks =
        'round(2 * bars.mid_price_eob * ' ~ price_scale() ~ ' / ' ~ tick ~ ') / 2' -%}
    {%- set features = {
        'microprice_dist_ticks_eob': 'bars.book_imbalance_l1_eob * bars.spread_ticks_eob / 2',
        'trade_last_dist_ticks_eob':
            'bars.trade_last_price_int / ' ~ tick ~ ' - ' ~ mid_ticks,
    } -%}
    {%- set names = [] -%}
    {%- set ends = ['twa', 'eob'] -%}
    {%- for end in ends -%}
        {%- do names.append('spread_ticks_' ~ end) -%}
    {%- endfor -%}
    {%- for depth in ['l1', 'l10'] -%}
        {%- for end in ends -%}
            {%- do names.append('book_imbalance_' ~ depth ~ '_' ~ end) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for band in market_bands() -%}
        {%- for end in ends -%}
            {%- do names.append('depth_imbalance_' ~ band ~ '_' ~ end) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- for band in market_bands() -%}
            {%- for end in ends -%}
                {%- do names.append('depth_' ~ side ~ '_' ~ band ~ '_frac_' ~ end) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name in names -%}
        {%- do features.update({name: 'bars.' ~ name}) -%}
    {%- endfor -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- do features.update({
            'depth_' ~ side ~ '10_log_eob': 'ln(1 + bars.depth_' ~ side ~ '10_qty_eob)',
        }) -%}
    {%- endfor -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- for gap in ['max', 'mean'] -%}
            {%- set name = 'ladder_' ~ side ~ '_gap_' ~ gap ~ '_ticks_eob' -%}
            {%- do features.update({name: 'bars.' ~ name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for part in ['sz', 'ct'] -%}
        {%- for side in ['bid', 'ask'] -%}
            {%- for level in range(levels) -%}
                {%- set name = 'shape_%s_%s_frac_l%02d_eob' | format(side, part, level) -%}
                {%- do features.update({name: 'bars.' ~ name}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do features.update({
        'ofi_l1_rel_depth': 'bars.ofi_l1_sum / nullif(bars.depth_l10_qty_twa, 0)',
        'ofi_l10_sum': 'bars.ofi_l10_sum',
        'ofi_price_10t_rel_depth': 'bars.ofi_price_10t_sum / nullif(bars.depth_l10_qty_twa, 0)',
    }) -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- for band in market_bands() -%}
            {%- set name = 'flow_net_' ~ side ~ '_' ~ band ~ '_sum' -%}
            {%- do features.update({name: 'bars.' ~ name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do features.update({
        'trade_count_log': 'ln(1 + bars.trade_count_sum)',
        'trade_volume_log': 'ln(1 + bars.trade_volume_sum)',
        'trade_signed_volume_log': signed_log('bars.trade_signed_volume_sum'),
        'trade_imbalance_sum': 'bars.trade_imbalance_sum',
    }) -%}
    {%- for side in ['bid', 'ask'] -%}
        {%- set wall = 'wall_' ~ side -%}
        {%- do features.update({
            wall ~ '_max_z': 'bars.' ~ wall ~ '_max_z',
            wall ~ '_max_level_share': 'bars.' ~ wall ~ '_max_level / ' ~ (levels - 1),
            wall ~ '_nearest_dist_ticks': 'bars.' ~ wall ~ '_nearest_dist_ticks',
        }) -%}
    {%- endfor -%}
    {%- do features.update({
        'rv_60s_ticks': 'bars.rv_60s_ticks',
        'rv_300s_ticks': 'bars.rv_300s_ticks',
        'above_score': 'bands.above_score',
        'below_score': 'bands.below_score',
        'minutes_since_open': 'epoch(bars.bar_end_ts - study.start_ts) / 60',
        'day_of_week': 'isodow(' ~ ny_date('bars.bar_start_ts') ~ ')',
    }) -%}
    {{ return(features) }}
{%- endmacro %}
