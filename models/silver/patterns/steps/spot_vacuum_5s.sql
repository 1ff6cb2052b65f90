-- noqa: disable=LT02,LT05,RF02,RF04
{{ partitioned_by('vacuum_cells_1s') }}

{% set window_s = var('vector_window_s') %}
{% set features = radar_features() %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

seconds as (
    select
        snapshot.window_start_ts,
        time_bucket(
            interval {{ window_s }} second, snapshot.window_start_ts, timestamp '1970-01-01'
        ) as bucket_start_ts,
        snapshot.spot_ref_price_int,
        snapshot.window_valid
    from {{ ref('book_snapshot_1s') }} as snapshot
    cross join contract_day
    where
        {{ in_partition('snapshot.symbol', 'snapshot.dt') }}
        and {{ is_in_surface_window(
            'snapshot.window_start_ts', 'contract_day.surface_windows'
        ) }}
),

windows_of_seconds as (
    select
        bucket_start_ts,
        any_value(
            case
                when window_start_ts = bucket_start_ts + interval {{ window_s - 1 }} second
                    then spot_ref_price_int
            end
        ) as anchor_price_int,
        min(spot_ref_price_int) as lowest_int,
        max(spot_ref_price_int) as highest_int,
        count(spot_ref_price_int) = {{ window_s }} and bool_and(window_valid) as window_valid
    from seconds
    group by bucket_start_ts
),

-- spot at the end of a window is the anchor of each of its seconds; the wall of each, which lies
-- around its own spot, must reach the zone around the anchor
anchors as (
    select
        windows_of_seconds.bucket_start_ts as window_start_ts,
        windows_of_seconds.bucket_start_ts + interval {{ window_s }} second as window_end_ts,
        windows_of_seconds.anchor_price_int,
        windows_of_seconds.highest_int - windows_of_seconds.lowest_int as range_int,
        windows_of_seconds.window_valid
        and greatest(
            windows_of_seconds.highest_int - windows_of_seconds.anchor_price_int,
            windows_of_seconds.anchor_price_int - windows_of_seconds.lowest_int
        ) <= {{ var('wall_max_ticks') - zone_ticks() }} * contract_day.tick_int as window_valid,
        contract_day.tick_int
    from windows_of_seconds
    cross join contract_day
),

reach as (
    select unnest(range(-furthest_ticks, furthest_ticks + 1)) as rel_ticks
    from (
        select {{ zone_ticks() }} + max(range_int // tick_int) as furthest_ticks
        from anchors
        where window_valid
    )
),

wall as (
    select
        time_bucket(
            interval {{ window_s }} second, window_start_ts, timestamp '1970-01-01'
        ) as bucket_start_ts,
        window_start_ts,
        side,
        price_int,
        depth_qty_start,
        depth_qty_end,
        add_qty,
        pull_qty_rest,
        pull_qty_total
    from {{ ref('wall_surface_1s') }}
    where
        {{ in_partition() }}
        -- a join on the offset itself, so that the scan skips the others
        and rel_ticks in (select reach.rel_ticks from reach)
),

placed as (
    select
        anchors.window_start_ts,
        wall.side,
        wall.window_start_ts = anchors.window_start_ts as is_first,
        wall.window_start_ts = anchors.window_end_ts - interval 1 second as is_last,
        (wall.price_int - anchors.anchor_price_int) // anchors.tick_int as rel_ticks,
        wall.depth_qty_start,
        wall.depth_qty_end,
        wall.add_qty,
        wall.pull_qty_rest,
        wall.pull_qty_total
    from wall
    inner join anchors on wall.bucket_start_ts = anchors.window_start_ts
    where
        anchors.window_valid
        and if(wall.side = 'A', 1, -1) * (wall.price_int - anchors.anchor_price_int)
        between 0 and {{ zone_ticks() }} * anchors.tick_int
),

-- depth before the first second and after the last, flows of all
cells as (
    select
        window_start_ts,
        side,
        abs(rel_ticks) as distance_ticks,
        {{ distance_bucket('rel_ticks') }} as bucket,
        if(is_first, depth_qty_start, 0) as depth_qty_start,
        if(is_last, depth_qty_end, 0) as depth_qty_end,
        add_qty,
        pull_qty_rest,
        pull_qty_total
    from placed
),

reprices as (
    select
        time_bucket(
            interval {{ window_s }} second, window_start_ts, timestamp '1970-01-01'
        ) as window_start_ts,
        side,
        qty_rest,
        price_from_int,
        price_to_int
    from {{ ref('reprice_flow_1s') }}
    where {{ in_partition() }} and qty_rest > 0
),

bucket_sums as (
    {{ radar_bucket_sums('cells', ['window_start_ts']) }}
),

book_sums as (
    {{ radar_book_sums('bucket_sums', ['window_start_ts']) }}
),

move_sums as (
    {{ radar_move_sums('reprices', 'anchors', ['window_start_ts']) }}
),

sums as (
    select
        anchors.window_start_ts,
        anchors.window_end_ts,
        anchors.anchor_price_int,
        anchors.window_valid,
        book_sums.* exclude (window_start_ts),
        {% for side in ['ask', 'bid'] %}
            coalesce(move_sums.{{ side }}_away, 0) as {{ side }}_away,
            coalesce(move_sums.{{ side }}_toward, 0) as {{ side }}_toward{{ "," if not loop.last }}
        {% endfor %}
    from anchors
    left join book_sums on anchors.window_start_ts = book_sums.window_start_ts
    left join move_sums on anchors.window_start_ts = move_sums.window_start_ts
),

features as (
    select
        window_start_ts,
        window_end_ts,
        anchor_price_int,
        window_valid,
        {% for name, formula in features.items() %}
            case when window_valid and has_book then {{ formula }} end
                as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from sums
),

-- one pass over the rows in order instead of one per difference
earlier as (
    select
        *,
        {{ earlier_values(features, window_s) }}
    from features
    window windows as (order by window_start_ts)
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    window_end_ts,
    anchor_price_int as spot_ref_price_int,
    window_valid,
    {% for name in features %}
        {{ name }},
    {% endfor %}
    {{ differences(features) }}
from earlier
order by window_start_ts
