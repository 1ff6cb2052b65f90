-- noqa: disable=LT02,LT05
{{ config(
    materialized='view',
    post_hook="{{ record_partition_state(partition_versions('level_book_1s')) }}",
) }}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where k_ticks != 0
),

level_book as (
    select * from {{ ref('level_book_1s') }}
),

-- asks defend a level above spot, bids one below; the other side supports the move
sums as (
    select
        level_anchors.symbol,
        level_anchors.dt,
        level_anchors.window_start_ts,
        level_anchors.window_end_ts,
        level_anchors.level_id,
        level_anchors.level_price_int,
        level_anchors.k_ticks,
        level_anchors.window_valid,
        greatest(abs(level_anchors.k_ticks) - 1, 0) as corridor_len_ticks,
        {% for quantity in ['depth', 'add', 'pull', 'fill'] %}
            level_book.corridor_{{ quantity }},
        {% endfor %}
        {% for name, quantity in {
            'beyond_depth': 'depth_end',
            'beyond_add': 'add',
            'beyond_pull': 'pull_all',
            'beyond_fill': 'fill',
            'beyond_max_depth': 'max_depth',
            'beyond_max_rho': 'max_depth_ticks',
            'spot_depth': 'spot_depth',
        }.items() %}
            if(
                level_anchors.k_ticks > 0, level_book.ask_{{ quantity }}, level_book.bid_{{ quantity }}
            ) as {{ name }},
        {% endfor %}
        {% for quantity in ['depth', 'add', 'pull'] %}
            if(
                level_anchors.k_ticks > 0,
                level_book.bid_spot_{{ quantity }},
                level_book.ask_spot_{{ quantity }}
            ) as behind_{{ quantity }}{{ "," if not loop.last }}
        {% endfor %}
    from level_anchors
    inner join level_book
        on
            level_anchors.symbol = level_book.symbol
            and level_anchors.dt = level_book.dt
            and level_anchors.level_tick = level_book.level_tick
            and level_anchors.window_start_ts = level_book.window_start_ts
),

per_tick as (
    select
        *,
        {% for quantity in ['depth', 'add', 'pull', 'fill'] %}
            case when window_valid then corridor_{{ quantity }} / nullif(corridor_len_ticks, 0) end
                as corridor_{{ quantity }}_per_tick,
            case when window_valid then beyond_{{ quantity }} / {{ zone_ticks() + 1 }} end
                as beyond_{{ quantity }}_per_tick,
        {% endfor %}
        case when window_valid then spot_depth / {{ zone_ticks() }} end as spot_depth_per_tick,
        case when window_valid then behind_depth / {{ zone_ticks() }} end as behind_depth_per_tick
    from sums
)

-- the published order of columns
select  -- noqa: ST06
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    k_ticks,
    corridor_len_ticks,
    corridor_depth_per_tick,
    beyond_depth_per_tick,
    corridor_add_per_tick,
    corridor_pull_per_tick,
    corridor_fill_per_tick,
    beyond_add_per_tick,
    beyond_pull_per_tick,
    beyond_fill_per_tick,
    spot_depth_per_tick,
    corridor_depth_per_tick / (spot_depth_per_tick + 1) as corridor_rel_depth,
    beyond_depth_per_tick / (spot_depth_per_tick + 1) as beyond_rel_depth,
    {{ log_ratio('beyond_depth_per_tick', 'corridor_depth_per_tick') }} as beyond_corridor_log,
    case when window_valid then beyond_max_depth end as beyond_max_depth,
    case when window_valid then beyond_max_rho end as beyond_max_rho,
    behind_depth_per_tick,
    case when window_valid then {{ log_ratio('behind_pull', 'behind_add') }} end
        as behind_pull_add_log,
    window_valid
from per_tick
