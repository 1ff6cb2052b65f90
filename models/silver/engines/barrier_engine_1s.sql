-- noqa: disable=LT02
{{ partitioned_by('engine_levels_1s', inputs=['wall_surface_1s']) }}

{% set zone_ticks = engine_const('barrier_zone_ticks') %}
{% set flow_s, depth_s = engine_const('w_barrier_s'), engine_const('w_wall_s') %}
{% set least_share = engine_const('valid_share_min') %}
{% set large = engine_const('f_thresh_contracts') %}
{% set flows = {
    'added': 'add_qty',
    'canceled': 'pull_qty_total',
    'filled': 'fill_qty',
} %}
{% set quantities = dict(flows, depth_in_zone='depth_qty_end') %}

with

levels as (
    select * from {{ ref('engine_levels_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

-- flows of earlier seconds count at the price the level has now
looked_at as (
    {{ seconds_looked_at(
        ['level_tick', 'defending_side'], [flow_s, depth_s] | max
    ) }}
),

-- known: the second is valid and its wall shows the zone whole
seconds as (
    select
        looked_at.window_start_ts,
        looked_at.level_tick,
        looked_at.defending_side,
        looked_at.level_tick * contract_day.tick_int as level_price_int,
        {{ zone_ticks }} * contract_day.tick_int as reach_int,
        snapshot.window_valid
        and abs(snapshot.spot_ref_price_int - looked_at.level_tick * contract_day.tick_int)
        <= {{ var('wall_max_ticks') - zone_ticks }} * contract_day.tick_int
        and {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
            as is_known
    from looked_at
    inner join snapshot on looked_at.window_start_ts = snapshot.window_start_ts
    cross join contract_day
),

zones as (
    select
        seconds.window_start_ts,
        seconds.level_tick,
        seconds.defending_side,
        {% for name, column in quantities.items() %}
            cast(sum(wall.{{ column }}) as bigint) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from seconds
    inner join wall
        on
            seconds.window_start_ts = wall.window_start_ts
            and seconds.defending_side = wall.side
            and wall.price_int between seconds.level_price_int - seconds.reach_int
            and seconds.level_price_int + seconds.reach_int
    group by seconds.window_start_ts, seconds.level_tick, seconds.defending_side
),

-- a zone without rows of the wall is empty
filled_up as (
    select
        seconds.window_start_ts,
        seconds.level_tick,
        seconds.defending_side,
        {% for name in quantities %}
            case when seconds.is_known then coalesce(zones.{{ name }}, 0) end
                as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from seconds
    left join zones
        on
            seconds.window_start_ts = zones.window_start_ts
            and seconds.level_tick = zones.level_tick
            and seconds.defending_side = zones.defending_side
),

sums as (
    select
        window_start_ts,
        level_tick,
        defending_side,
        depth_in_zone,
        sum(depth_in_zone) over depth_window as depth_sum,
        count(depth_in_zone) over depth_window as depth_known_s,
        {% for name in flows %}
            cast(sum({{ name }}) over flow_window as bigint) as {{ name }},
        {% endfor %}
        count(added) over flow_window as flow_known_s
    from filled_up
    window
        flow_window as (
            partition by level_tick, defending_side
            order by window_start_ts
            range between interval {{ flow_s - 1 }} second preceding and current row
        ),
        depth_window as (
            partition by level_tick, defending_side
            order by window_start_ts
            range between interval {{ depth_s - 1 }} second preceding and current row
        )
),

known as (
    select
        window_start_ts,
        level_tick,
        defending_side,
        depth_in_zone,
        case
            when depth_known_s >= {{ least_share * depth_s }}
                then depth_in_zone / nullif(depth_sum / depth_known_s, 0)
        end as wall_ratio,
        {% for name in flows %}
            case when flow_known_s >= {{ least_share * flow_s }} then {{ name }} end
                as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from sums
),

readings as (
    select
        levels.*,
        known.depth_in_zone,
        known.wall_ratio,
        known.added,
        known.canceled,
        known.filled,
        known.added - known.canceled - known.filled as delta_liq,
        known.added / (known.canceled + known.filled + 1e-6) as replenishment_ratio,
        known.added + known.canceled + known.filled as churn,
        {% for name in ['price_int', 'qty'] %}
            case
                when levels.window_valid
                    then case levels.defending_side
                        when 'A' then snapshot.best_ask_{{ name }}
                        when 'B' then snapshot.best_bid_{{ name }}
                    end
            end as best_{{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from levels
    inner join snapshot on levels.window_start_ts = snapshot.window_start_ts
    left join known
        on
            levels.window_start_ts = known.window_start_ts
            and levels.level_tick = known.level_tick
            and levels.defending_side = known.defending_side
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    k_ticks,
    direction,
    break_direction,
    in_monitor_band,
    case
        when depth_in_zone is null or churn is null then null
        when
            replenishment_ratio < {{ engine_const('r_vacuum') }} and delta_liq < -{{ large }}
            then 'VACUUM'
        when replenishment_ratio > {{ engine_const('r_wall') }} and delta_liq > {{ large }}
            then 'WALL'
        when delta_liq < -{{ large }} and filled > canceled then 'CONSUMED'
        when
            delta_liq > 0
            and replenishment_ratio > 1
            and filled >= {{ engine_const('absorb_min_contracts') }}
            and filled >= {{ engine_const('absorb_filled_share_min') }} * (canceled + filled)
            then 'ABSORPTION'
        when depth_in_zone < {{ engine_const('weak_depth_contracts') }} then 'WEAK'
        when
            abs(delta_liq) < {{ engine_const('churn_flat') }}
            and churn > {{ engine_const('churn_min') }}
            then 'ABSORPTION'
        else 'NEUTRAL'
    end as state,
    delta_liq,
    replenishment_ratio,
    added,
    canceled,
    filled,
    churn,
    depth_in_zone,
    wall_ratio,
    best_price_int as defending_quote_price_int,
    best_qty as defending_quote_size,
    case when churn is not null then least(1, churn / {{ engine_const('activity_full') }}) end
        as confidence
from readings
order by level_id, window_end_ts
