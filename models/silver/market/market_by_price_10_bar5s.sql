-- noqa: disable=LT02,RF04
{{ partitioned_by(
    'market_book_1s',
    inputs=['contract_trades'],
    optional=['wall_surface_1s'],
) }}

{% set bar_s = var('vector_window_s') %}
{% set bar_ns = bar_s * 1000000000 %}
{% set bands = var('market_bands') %}
{% set sides = {'bid': 'B', 'ask': 'A'} %}
{% set levels = range(10) %}
{% set bar_start =
    'time_bucket(interval ' ~ bar_s ~ " second, window_start_ts, timestamp '1970-01-01')" %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

seconds as (
    select
        *,
        {{ bar_start }} as bar_start_ts
    from {{ ref('market_book_1s') }}
    where
        {{ in_partition() }}
        and is_in_use
),

trades as (
    select
        *,
        {{ bar_start }} as bar_start_ts
    from {{ ref('contract_trades') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where
        {{ in_partition() }}
        and add_qty + pull_qty_total > 0
),

-- bars before those in view, whose last trade is the last so far
earlier_bars as (
    {{ own_rows({'bar_end_ts': 'timestamp', 'trade_last_price_int': 'bigint'}) }}
),

earlier as (
    select max_by(trade_last_price_int, bar_end_ts) as trade_last_price_int
    from earlier_bars
),

sums as (
    select
        bar_start_ts,
        any_value(source) as source,
        max(window_start_ts) as last_window_start_ts,
        sum(valid_ns) as valid_ns,
        sum(update_count) as update_count,
        sum(one_sided_count) as one_sided_count,
        sum(depth_l1_ns) as depth_l1_ns,
        sum(depth_l10_ns) as depth_l10_ns,
        sum(ofi_price_10t) as ofi_price_10t,
        {% for level in levels %}
            sum(ofi_{{ '%02d' | format(level) }}) as ofi_{{ '%02d' | format(level) }},
        {% endfor %}
        {% for name in time_weighted_names() %}
            -- in whole parts of a nanosecond, so that the order does not matter
            cast(sum(cast({{ name }}_ns as decimal(30, 6))) as double) as {{ name }}_ns,
        {% endfor %}
        {% for band in bands %}
            sum(depth_imbalance_{{ band }}_known_ns) as depth_imbalance_{{ band }}_known_ns,
            {% for side in sides %}
                {% for part in ['qty_ns', 'unknown_ns'] %}
                    sum(depth_{{ side }}_{{ band }}_{{ part }})
                        as depth_{{ side }}_{{ band }}_{{ part }},
                {% endfor %}
            {% endfor %}
        {% endfor %}
        sum(valid_ns) = {{ bar_ns }} as is_valid
    from seconds
    group by bar_start_ts
),

trade_sums as (
    select
        bar_start_ts,
        count(*) as trade_count,
        sum(size) as volume,
        coalesce(sum(size) filter (side = 'B'), 0) as buy_volume,
        coalesce(sum(size) filter (side = 'A'), 0) as sell_volume,
        arg_max(price_int, trade_no) filter (price_int is not null) as last_price_int
    from trades
    group by bar_start_ts
),

-- distances from the microprice at the second's end, in parts of a tick of which a tick has as many
-- as both best quantities together; negative where the quotes moved through a price, which was at
-- the touch: it counts in the first band
flows_of_prices as (
    select
        seconds.bar_start_ts,
        wall.side,
        wall.add_qty - wall.pull_qty_total as net_qty,
        seconds.bid_sz_00 + seconds.ask_sz_00 as parts,
        if(
            wall.side = 'B',
            (seconds.ask_px_00_int - seconds.bid_px_00_int) * seconds.bid_sz_00
            + (seconds.bid_px_00_int - wall.price_int) * parts,
            (seconds.ask_px_00_int - seconds.bid_px_00_int) * seconds.ask_sz_00
            + (wall.price_int - seconds.ask_px_00_int) * parts
        ) // contract_day.tick_int as distance
    from wall
    inner join seconds on wall.window_start_ts = seconds.window_start_ts
    cross join contract_day
    where seconds.is_valid_end
),

flows as (
    select
        bar_start_ts,
        {% for band, (lower, upper) in bands.items() %}
            {% set is_last_band = loop.last %}
            {% for side, letter in sides.items() %}
                coalesce(sum(net_qty) filter (
                    side = '{{ letter }}'
                    {% if lower > 0 %}and distance > {{ lower }} * parts{% endif %}
                    and distance <= {{ upper }} * parts
                ), 0) as flow_{{ side }}_{{ band }}{{ "," if not (loop.last and is_last_band) }}
            {% endfor %}
        {% endfor %}
    from flows_of_prices
    group by bar_start_ts
),

last_seconds as (
    select
        seconds.*,
        contract_day.tick_int
    from seconds
    inner join sums on seconds.window_start_ts = sums.last_window_start_ts
    cross join contract_day
),

-- per side the ten levels at the end, best first, without the empty ones
ends as (
    select
        *,
        bid_sz_00 + ask_sz_00 as best_qty,
        {% for side in sides %}
            list_filter(
                [{% for level in levels %}
                    {{ side }}_px_{{ '%02d' | format(level) }}_int // tick_int
                    {{- "," if not loop.last }}
                {% endfor %}], tick -> tick is not null
            ) as {{ side }}_ticks,
            list_filter(
                [{% for level in levels %}
                    {{ side }}_sz_{{ '%02d' | format(level) }}{{ "," if not loop.last }}
                {% endfor %}], qty -> qty > 0
            ) as {{ side }}_sizes,
            {% for part in ['sz', 'ct'] %}
                {% for level in levels %}
                    {{ side }}_{{ part }}_{{ '%02d' | format(level) }}
                    {{- " + " if not loop.last }}
                {%- endfor %} as {{ side }}_{{ part }}_total,
            {% endfor %}
        {% endfor %}
        (ask_px_00_int - bid_px_00_int) // tick_int as spread_ticks,
        (bid_px_00_int + ask_px_00_int) // tick_int as mid_half_ticks
    from last_seconds
),

-- z of the logs of the sizes; levels of equal size have none
standardised as (
    select
        window_start_ts,
        {% for side in sides %}
            list_transform({{ side }}_sizes, qty -> ln(1 + qty)) as {{ side }}_logs,
            case
                when list_max({{ side }}_sizes) > list_min({{ side }}_sizes)
                    then list_transform(
                        {{ side }}_logs,
                        size_log -> (size_log - list_avg({{ side }}_logs))
                        / list_stddev_pop({{ side }}_logs)
                    )
            end as {{ side }}_z,
            -- from the microprice
            list_transform(
                {{ side }}_ticks,
                tick -> abs(tick - {{ side }}_ticks[1]) + spread_ticks * {{ side }}_sz_00 / best_qty
            ) as {{ side }}_distances,
            list_transform(
                list_zip({{ side }}_ticks[:-2], {{ side }}_ticks[2:]),
                pair -> abs(pair[1] - pair[2])
            ) as {{ side }}_gaps{{ "," if not loop.last }}
        {% endfor %}
    from ends
),

bars as (
    select
        sums.*,
        coalesce(trade_sums.trade_count, 0) as trade_count,
        coalesce(trade_sums.volume, 0) as trade_volume,
        coalesce(trade_sums.buy_volume, 0) as buy_volume,
        coalesce(trade_sums.sell_volume, 0) as sell_volume,
        coalesce(
            last_value(trade_sums.last_price_int ignore nulls) over so_far,
            earlier.trade_last_price_int
        ) as trade_last_price_int,
        ends.mid_half_ticks,
        {{ is_in_surface_window('sums.bar_start_ts', 'contract_day.surface_windows') }}
        and {{ is_in_surface_window(
            'sums.last_window_start_ts', 'contract_day.surface_windows'
        ) }}
        and sums.source = 'mbo' as has_flows,
        case
            when sums.is_valid
                then ends.mid_half_ticks - lag(ends.mid_half_ticks) over so_far
        end as mid_change_half_ticks
    from sums
    inner join ends on sums.last_window_start_ts = ends.window_start_ts
    cross join contract_day
    cross join earlier
    left join trade_sums on sums.bar_start_ts = trade_sums.bar_start_ts
    window so_far as (order by sums.bar_start_ts)
),

look_backs as (
    select
        *,
        {% for window_s in var('realised_volatility_windows_s') %}
            {% set n = window_s // bar_s %}
            case
                when count(*) filter (is_valid) over look_back_{{ window_s }} = {{ n + 1 }}
                    then sqrt(
                        sum(mid_change_half_ticks * mid_change_half_ticks) over (
                            order by bar_start_ts
                            rows between {{ n - 1 }} preceding and current row
                        ) / 4
                    )
            end as rv_{{ window_s }}s_ticks{{ "," if not loop.last }}
        {% endfor %}
    from bars
    window
        {% for window_s in var('realised_volatility_windows_s') %}
            look_back_{{ window_s }} as (
                order by bar_start_ts
                rows between {{ window_s // bar_s }} preceding and current row
            ){{ "," if not loop.last }}
        {% endfor %}
),

-- features of a bar that is not valid are not known
features as (
    select
        bars.bar_start_ts,
        (ends.bid_px_00_int + ends.ask_px_00_int) / 2e9 as mid_price_eob,
        (
            {{ points('ends.ask_px_00_int') }} * ends.bid_sz_00
            + {{ points('ends.bid_px_00_int') }} * ends.ask_sz_00
        ) / ends.best_qty as microprice_eob,
        bars.spread_ticks_ns / bars.valid_ns as spread_ticks_twa,
        cast((ends.ask_px_00_int - ends.bid_px_00_int) // contract_day.tick_int as integer)
            as spread_ticks_eob,
        bars.book_imbalance_l1_ns / bars.valid_ns as book_imbalance_l1_twa,
        (ends.bid_sz_00 - ends.ask_sz_00) / ends.best_qty as book_imbalance_l1_eob,
        bars.book_imbalance_l10_ns / bars.valid_ns as book_imbalance_l10_twa,
        (ends.bid_sz_total - ends.ask_sz_total) / (ends.bid_sz_total + ends.ask_sz_total)
            as book_imbalance_l10_eob,
        {% for band in bands %}
            case
                when bars.depth_bid_{{ band }}_unknown_ns + bars.depth_ask_{{ band }}_unknown_ns = 0
                    then bars.depth_imbalance_{{ band }}_ns
                    / nullif(bars.depth_imbalance_{{ band }}_known_ns, 0)
            end as depth_imbalance_{{ band }}_twa,
            (ends.depth_bid_{{ band }}_qty - ends.depth_ask_{{ band }}_qty)
            / nullif(ends.depth_bid_{{ band }}_qty + ends.depth_ask_{{ band }}_qty, 0)
                as depth_imbalance_{{ band }}_eob,
        {% endfor %}
        {% for side in sides %}
            {% for band in bands %}
                case
                    when bars.depth_{{ side }}_{{ band }}_unknown_ns = 0
                        then bars.depth_{{ side }}_{{ band }}_frac_ns / bars.valid_ns
                end as depth_{{ side }}_{{ band }}_frac_twa,
                ends.depth_{{ side }}_{{ band }}_qty / ends.{{ side }}_sz_total
                    as depth_{{ side }}_{{ band }}_frac_eob,
            {% endfor %}
        {% endfor %}
        {% for side in sides %}
            cast(ends.{{ side }}_sz_total as bigint) as depth_{{ side }}10_qty_eob,
        {% endfor %}
        bars.depth_l1_ns / bars.valid_ns / 2 as depth_l1_qty_twa,
        bars.depth_l10_ns / bars.valid_ns / {{ 2 * levels | length }} as depth_l10_qty_twa,
        {% for side in sides %}
            cast(list_max(standardised.{{ side }}_gaps) as integer)
                as ladder_{{ side }}_gap_max_ticks_eob,
            list_avg(standardised.{{ side }}_gaps) as ladder_{{ side }}_gap_mean_ticks_eob,
        {% endfor %}
        {% for side in sides %}
            {% for part in ['sz', 'ct'] %}
                {% for level in levels %}
                    {% set number = '%02d' | format(level) %}
                    ends.{{ side }}_{{ part }}_{{ number }} / ends.{{ side }}_{{ part }}_total
                        as shape_{{ side }}_{{ part }}_frac_l{{ number }}_eob,
                {% endfor %}
            {% endfor %}
        {% endfor %}
        cast(bars.ofi_00 as bigint) as ofi_l1_sum,
        (
            {% for level in levels %}
                bars.ofi_{{ '%02d' | format(level) }}{{ " + " if not loop.last }}
            {%- endfor %}
        ) / {{ levels | length }}
        / nullif(bars.depth_l10_ns / bars.valid_ns / {{ 2 * levels | length }}, 0) as ofi_l10_sum,
        cast(bars.ofi_price_10t as bigint) as ofi_price_10t_sum,
        {% for side in sides %}
            {% for band in bands %}
                case
                    when bars.has_flows
                        then coalesce(flows.flow_{{ side }}_{{ band }}, 0)
                        / greatest(
                            bars.depth_{{ side }}_{{ band }}_qty_ns / bars.valid_ns, 1
                        )
                end as flow_net_{{ side }}_{{ band }}_sum,
            {% endfor %}
        {% endfor %}
        {% for side in sides %}
            list_max(standardised.{{ side }}_z) as wall_{{ side }}_max_z,
            cast(
                list_position(standardised.{{ side }}_z, list_max(standardised.{{ side }}_z)) - 1
                as integer
            ) as wall_{{ side }}_max_level,
            standardised.{{ side }}_distances[
                list_position(
                    list_transform(
                        -- two large levels among ten have a z of exactly 2, but for rounding
                        standardised.{{ side }}_z, z -> round(z, 9) >= {{ var('market_wall_z') }}
                    ),
                    true
                )
            ] as wall_{{ side }}_nearest_dist_ticks,
        {% endfor %}
        {% for window_s in var('realised_volatility_windows_s') %}
            bars.rv_{{ window_s }}s_ticks{{ "," if not loop.last }}
        {% endfor %}
    from look_backs as bars
    inner join ends on bars.last_window_start_ts = ends.window_start_ts
    inner join standardised on bars.last_window_start_ts = standardised.window_start_ts
    cross join contract_day
    left join flows on bars.bar_start_ts = flows.bar_start_ts
    where bars.is_valid
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    bars.bar_start_ts,
    bars.bar_start_ts + interval {{ bar_s }} second as bar_end_ts,
    bars.source,
    bars.is_valid,
    bars.update_count + bars.trade_count = 0 as is_carried,
    cast(bars.update_count as bigint) as update_count,
    cast(bars.one_sided_count as bigint) as one_sided_count,
    cast(bars.trade_count as bigint) as trade_count_sum,
    cast(bars.trade_volume as bigint) as trade_volume_sum,
    cast(bars.buy_volume - bars.sell_volume as bigint) as trade_signed_volume_sum,
    (bars.buy_volume - bars.sell_volume) / nullif(bars.buy_volume + bars.sell_volume, 0)
        as trade_imbalance_sum,
    bars.trade_last_price_int,
    features.* exclude (bar_start_ts)  -- noqa: RF02
from bars
left join features on bars.bar_start_ts = features.bar_start_ts
order by bars.bar_start_ts
