-- noqa: disable=LT02
{{ partitioned_by('market_book_1s', inputs=['contract_trades']) }}

{% set second_ns = 1000000000 %}
{% set levels = range(10) %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

seconds as (
    select
        *,
        valid_ns = {{ second_ns }} as is_valid
    from {{ ref('market_book_1s') }}
    where
        {{ in_partition() }}
        and is_in_use
),

trades as (
    select * from {{ ref('contract_trades') }}
    where {{ in_partition() }}
),

trade_sums as (
    select
        window_start_ts,
        count(*) as trade_count,
        sum(size) as volume,
        coalesce(sum(size) filter (side = 'B'), 0) as buy_volume,
        coalesce(sum(size) filter (side = 'A'), 0) as sell_volume
    from trades
    group by window_start_ts
),

look_backs as (
    select
        *,
        {% for window_s in var('ofi_windows_s') %}
            case
                when count(*) filter (is_valid) over look_back_{{ window_s }} = {{ window_s }}
                    then sum(ofi_00) over look_back_{{ window_s }}
            end as ofi_{{ window_s }}s{{ "," if not loop.last }}
        {% endfor %}
    from seconds
    window
        {% for window_s in var('ofi_windows_s') %}
            look_back_{{ window_s }} as (
                order by window_start_ts
                rows between {{ window_s - 1 }} preceding and current row
            ){{ "," if not loop.last }}
        {% endfor %}
),

measured as (
    select
        look_backs.*,
        contract_day.tick_int
    from look_backs
    cross join contract_day
    where look_backs.is_valid
),

-- features of a second that is not valid are not known
features as (
    select
        window_start_ts,
        cast((ask_px_00_int - bid_px_00_int) // tick_int as integer) as spread_ticks,
        (bid_px_00_int + ask_px_00_int) / 2e9 as mid_price,
        (
            {{ points('ask_px_00_int') }} * bid_sz_00 + {{ points('bid_px_00_int') }} * ask_sz_00
        ) / (bid_sz_00 + ask_sz_00) as microprice,
        (bid_sz_00 - ask_sz_00) / (bid_sz_00 + ask_sz_00) as book_imbalance_l1,
        {% for side in ['bid', 'ask'] %}
            (
                {% for level in levels %}
                    {{ side }}_sz_{{ '%02d' | format(level) }}{{ " + " if not loop.last }}
                {%- endfor %}
            ) as {{ side }}_depth,
        {% endfor %}
        (bid_depth - ask_depth) / (bid_depth + ask_depth) as book_imbalance_l10,
        (depth_bid_0_4_qty - depth_ask_0_4_qty) / nullif(depth_bid_0_4_qty + depth_ask_0_4_qty, 0)
            as depth_imbalance_0_4,
        ofi_00 as ofi_l1,
        (
            {% for level in levels %}
                ofi_{{ '%02d' | format(level) }}{{ " + " if not loop.last }}
            {%- endfor %}
        ) / {{ levels | length }}
        / nullif(depth_l10_ns / valid_ns / {{ 2 * levels | length }}, 0) as ofi_l10,
        ofi_price_10t,
        {% for window_s in var('ofi_windows_s') %}
            cast(ofi_{{ window_s }}s as bigint) as ofi_{{ window_s }}s{{ "," if not loop.last }}
        {% endfor %}
    from measured
)

select
    seconds.symbol,
    seconds.dt,
    seconds.window_start_ts,
    seconds.window_end_ts,
    seconds.source,
    seconds.is_valid,
    features.spread_ticks,
    features.mid_price,
    features.microprice,
    features.book_imbalance_l1,
    features.book_imbalance_l10,
    features.depth_imbalance_0_4,
    features.ofi_l1,
    features.ofi_l10,
    features.ofi_price_10t,
    {% for window_s in var('ofi_windows_s') %}
        features.ofi_{{ window_s }}s,
    {% endfor %}
    cast(coalesce(trade_sums.trade_count, 0) as bigint) as trade_count,
    cast(coalesce(trade_sums.volume, 0) as bigint) as trade_volume,
    cast(coalesce(trade_sums.buy_volume - trade_sums.sell_volume, 0) as bigint)
        as trade_signed_volume,
    (trade_sums.buy_volume - trade_sums.sell_volume)
    / nullif(trade_sums.buy_volume + trade_sums.sell_volume, 0) as trade_imbalance
from seconds
left join features on seconds.window_start_ts = features.window_start_ts
left join trade_sums on seconds.window_start_ts = trade_sums.window_start_ts
order by seconds.window_start_ts
