-- noqa: disable=LT02,LT05
{{ partitioned_by('level_book_1s', storage='view') }}

{% set rungs = var('ladder_rungs') %}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where k_ticks != 0
),

level_book as (
    select * from {{ ref('level_book_1s') }}
),

usual as (
    select * from {{ ref('usual_depth_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

contracts as (
    select
        contract_days.symbol,
        contract_days.dt,
        {{ ladder_rung_ticks('instruments') }} as rung_ticks
    from contract_days
    inner join instruments on contract_days.root = instruments.root
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
        contracts.rung_ticks,
        greatest(abs(level_anchors.k_ticks) - 1, 0) as corridor_len_ticks,
        -- rungs counted from the level in the direction of approach, so that both ways look as far
        list_transform(
            range({{ rungs + 1 }}),
            n -> if(
                level_anchors.k_ticks > 0,
                struct_pack(
                    rung_no := cast(n as integer),
                    depth := level_book.ask_beyond_depths[n + 1],
                    usual_depth := {{ usual_depth_of_rung(
                        'ask', 'usual.ask_usual_depths',
                        '(level_anchors.k_ticks + n * contracts.rung_ticks)', 'contracts.rung_ticks'
                    ) }}
                ),
                struct_pack(
                    rung_no := cast(n as integer),
                    depth := level_book.bid_beyond_depths[n + 1],
                    usual_depth := {{ usual_depth_of_rung(
                        'bid', 'usual.bid_usual_depths',
                        '(level_anchors.k_ticks - (n + 1) * contracts.rung_ticks + 1)',
                        'contracts.rung_ticks'
                    ) }}
                )
            )
        ) as beyond_rungs,
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
    inner join contracts
        on
            level_anchors.symbol = contracts.symbol
            and level_anchors.dt = contracts.dt
    left join usual
        on
            level_anchors.symbol = usual.symbol
            and level_anchors.dt = usual.dt
            and level_anchors.window_start_ts = usual.window_start_ts
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
),

-- the largest rung of beyond against what usually stands, of equals the nearest; rungs the wall
-- does not reach are not known
walls as (
    select
        *,
        case when window_valid then list_max(
            list_transform(
                list_filter(
                    beyond_rungs,
                    rung -> rung.usual_depth is not null
                    and abs(k_ticks) + (rung.rung_no + 1) * rung_ticks - 1
                    <= {{ var('wall_max_ticks') }}
                ),
                rung -> struct_pack(
                    wall_ratio := rung.depth / (rung_ticks * (rung.usual_depth + 1)),
                    nearness := -rung.rung_no,
                    rung_no := rung.rung_no,
                    depth := rung.depth
                )
            )
        ) end as beyond_wall
    from per_tick
)

select
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
    struct_extract(beyond_wall, 'wall_ratio') as beyond_wall_ratio,
    cast(sign(k_ticks) as integer) * struct_extract(beyond_wall, 'rung_no') as beyond_wall_offset,
    struct_extract(beyond_wall, 'depth') as beyond_wall_depth,
    struct_extract(beyond_wall, 'rung_no') * rung_ticks as beyond_wall_from_ticks,
    (struct_extract(beyond_wall, 'rung_no') + 1) * rung_ticks - 1 as beyond_wall_to_ticks,
    behind_depth_per_tick,
    case when window_valid then {{ log_ratio('behind_pull', 'behind_add') }} end
        as behind_pull_add_log,
    case when window_valid then behind_add end as behind_add_qty,
    case when window_valid then behind_pull end as behind_pull_qty,
    window_valid
from walls
