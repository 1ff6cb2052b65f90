-- noqa: disable=LT02
{{ config(
    materialized='partitioned',
    storage='parquet',
    meta={'partition_source': 'level_anchors_1s'},
) }}

{% set sides = ['ask', 'bid'] %}
{% set keys = ['window_start_ts', 'level_tick'] %}
{# levels look back this far at the price they have now #}
{% set lookback_s = [var('vector_window_s'), var('ladder_flow_s')] | max %}
{% set quantities = [
    'depth_qty_start', 'depth_qty_end', 'add_qty', 'pull_qty_total', 'pull_qty_rest', 'fill_qty'
] %}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

engine_input as (
    select * from {{ ref('book_engine_input') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

zone_of_spot as (
    select * from {{ ref('vacuum_cells_1s') }}
    where
        {{ in_partition() }}
        and rel_ticks between -{{ zone_ticks() }} and {{ zone_ticks() }}
        and rel_ticks != 0
),

reprices as (
    select * from {{ ref('reprice_flow_1s') }}
    where {{ in_partition() }} and qty_rest > 0
),

-- prices that are a level, whichever
level_ticks as (
    select distinct
        window_start_ts,
        level_tick
    from level_anchors
),

-- a price that becomes a level now has a book before that too
first_seconds as (
    select
        level_tick,
        window_start_ts,
        coalesce(
            lag(window_start_ts) over seconds != window_start_ts - interval 1 second, true
        ) as is_first
    from level_ticks
    window seconds as (partition by level_tick order by window_start_ts)
),

all_ticks as (
    select
        window_start_ts,
        level_tick
    from level_ticks
    union
    select
        window_start_ts - to_seconds(unnest(range(1, {{ lookback_s }}))) as window_start_ts,
        level_tick
    from first_seconds
    where is_first
),

anchors as (
    select
        all_ticks.window_start_ts,
        all_ticks.level_tick,
        engine_input.tick_int,
        snapshot.window_valid,
        cast(
            all_ticks.level_tick - snapshot.spot_ref_price_int // engine_input.tick_int as integer
        ) as k_ticks,
        all_ticks.level_tick * engine_input.tick_int as anchor_price_int
    from all_ticks
    inner join snapshot on all_ticks.window_start_ts = snapshot.window_start_ts
    cross join engine_input
    -- further away the zone is not all in the wall
    where
        abs(snapshot.spot_ref_price_int - all_ticks.level_tick * engine_input.tick_int)
        <= {{ var('wall_max_ticks') - zone_ticks() }} * engine_input.tick_int
        and {{ is_in_surface_window('snapshot.window_start_ts', 'engine_input.surface_windows') }}
),

-- distances in the direction of the side: from spot (height), from the level (distance). A side
-- is looked at from the level on, or from the tick after spot on when that comes before
halves as (
    select
        anchors.window_start_ts,
        anchors.level_tick,
        sides.side,
        case sides.side when 'A' then anchors.k_ticks else -anchors.k_ticks end as level_height
    from anchors
    cross join (values ('A'), ('B')) as sides (side)
),

reaches as (
    select
        *,
        least(level_height, 1) as from_height,
        level_height + {{ zone_ticks() }} as to_height
    from halves
),

reach as (
    select max(abs(level_height)) + {{ zone_ticks() }} as reach_ticks
    from halves
),

-- integers: faster to sum
close_to_spot as (
    select
        window_start_ts,
        side,
        case side when 'A' then rel_ticks else -rel_ticks end as height,
        {% for quantity in quantities %}
            cast({{ quantity }} as integer) as {{ quantity }}{{ "," if not loop.last }}
        {% endfor %}
    from wall
    -- a join on the offset itself, so that the scan skips the others
    where
        rel_ticks in (
            select unnest(range(-reach.reach_ticks, reach.reach_ticks + 1))
            from reach
        )
),

cells as (
    select
        close_to_spot.*,
        reaches.level_tick,
        close_to_spot.height - reaches.level_height as distance_ticks
    from close_to_spot
    inner join reaches
        on
            close_to_spot.window_start_ts = reaches.window_start_ts
            and close_to_spot.side = reaches.side
            and close_to_spot.height >= reaches.from_height
            and close_to_spot.height <= reaches.to_height
),

cells_in_buckets as (
    select
        *,
        case
            when distance_ticks >= 0 then {{ distance_bucket('distance_ticks') }}
            else 'before'
        end as bucket
    from cells
),

bucket_sums as (
    {{ radar_bucket_sums('cells_in_buckets', keys, {
        'fill_qty': 'sum(fill_qty)',
        'nearest_ticks': 'min(distance_ticks)',
        'largest': 'max(depth_qty_end * ' ~ (zone_ticks() + 1) ~ ' + ' ~ zone_ticks() ~ ' - distance_ticks)',
    }) }}
),

-- told apart by an aggregate: a filter on the bucket would be applied to every cell once more
zone_sums as (
    select * from bucket_sums
    where nearest_ticks >= 0
),

book_sums as (
    {{ radar_book_sums('zone_sums', keys, {'fill_qty': 'sum', 'largest': 'max'}) }}
),

-- between spot and the level, on the side that defends it
before_sums as (
    select
        window_start_ts,
        level_tick,
        depth_end,
        add_qty,
        pull_all_qty,
        fill_qty
    from bucket_sums
    where nearest_ticks < 0
),

move_sums as (
    {{ radar_move_sums('reprices', 'anchors', keys) }}
),

around_spot as (
    select
        window_start_ts,
        {% for side, letter in [('ask', 'A'), ('bid', 'B')] %}
            sum(case when side = '{{ letter }}' then depth_qty_end else 0 end) as {{ side }}_depth,
            sum(case when side = '{{ letter }}' then add_qty else 0 end) as {{ side }}_add,
            sum(case when side = '{{ letter }}' then pull_qty_total else 0 end)
                as {{ side }}_pull{{ "," if not loop.last }}
        {% endfor %}
    from zone_of_spot
    group by window_start_ts
)

select  -- noqa: ST06
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    anchors.window_start_ts,
    anchors.level_tick,
    anchors.k_ticks,
    anchors.window_valid,
    {% for side in sides %}
        {% for name in radar_sum_names(side) %}
            cast(coalesce(book_sums.{{ name }}, 0) as integer) as {{ name }},
        {% endfor %}
        cast(book_sums.{{ side }}_best_ticks as integer) as {{ side }}_best_ticks,
        cast(coalesce(move_sums.{{ side }}_away, 0) as integer) as {{ side }}_away,
        cast(coalesce(move_sums.{{ side }}_toward, 0) as integer) as {{ side }}_toward,
        cast(coalesce(book_sums.{{ side }}_fill_qty, 0) as integer) as {{ side }}_fill,
        cast(coalesce(book_sums.{{ side }}_largest // {{ zone_ticks() + 1 }}, 0) as integer)
            as {{ side }}_max_depth,
        cast(
            case
                when book_sums.{{ side }}_largest > {{ zone_ticks() }}
                    then {{ zone_ticks() }} - book_sums.{{ side }}_largest % {{ zone_ticks() + 1 }}
                else 0
            end as integer
        ) as {{ side }}_max_depth_ticks,
    {% endfor %}
    cast(coalesce(before_sums.depth_end, 0) as integer) as corridor_depth,
    cast(coalesce(before_sums.add_qty, 0) as integer) as corridor_add,
    cast(coalesce(before_sums.pull_all_qty, 0) as integer) as corridor_pull,
    cast(coalesce(before_sums.fill_qty, 0) as integer) as corridor_fill,
    {% for side in sides %}
        {% for quantity in ['depth', 'add', 'pull'] %}
            cast(coalesce(around_spot.{{ side }}_{{ quantity }}, 0) as integer)
                as {{ side }}_spot_{{ quantity }}{{ "," if not (loop.last and side == 'bid') }}
        {% endfor %}
    {% endfor %}
from anchors
left join book_sums
    on
        anchors.window_start_ts = book_sums.window_start_ts
        and anchors.level_tick = book_sums.level_tick
left join before_sums
    on
        anchors.window_start_ts = before_sums.window_start_ts
        and anchors.level_tick = before_sums.level_tick
left join move_sums
    on
        anchors.window_start_ts = move_sums.window_start_ts
        and anchors.level_tick = move_sums.level_tick
left join around_spot on anchors.window_start_ts = around_spot.window_start_ts
order by anchors.level_tick, anchors.window_start_ts
