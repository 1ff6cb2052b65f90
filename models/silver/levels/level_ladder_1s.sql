-- noqa: disable=LT02,LT05
{{ partitioned_by(
    'level_book_1s',
    optional=['gex_surface_1s', 'option_physics_1s'],
    storage='view',
) }}

{% set sides = ['bid', 'ask'] %}
{% set flows = ['add', 'pull', 'fill'] %}
{% set flow_s = var('ladder_flow_s') %}
{% set rungs = var('ladder_rungs') %}
{% set reach_ticks = var('wall_max_ticks') %}
{% set min_contracts = var('ladder_min_contracts') %}
{% set of_options = [
    'call_physics', 'put_physics', 'gex_call_abs', 'gex_put_abs', 'call_net_aggressive_qty',
    'put_net_aggressive_qty', 'call_net_resting_qty', 'put_net_resting_qty',
] %}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
),

level_book as (
    select * from {{ ref('level_book_1s') }}
),

usual as (
    select * from {{ ref('usual_depth_1s') }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

exposures as (
    select * from {{ ref('gex_surface_1s') }}
    where n_options > 0
),

option_physics as (
    select * from {{ ref('option_physics_1s') }}
),

contracts as (
    select
        contract_days.symbol,
        contract_days.dt,
        contract_days.tick_int,
        {{ ladder_rung_ticks('instruments') }} as rung_ticks
    from contract_days
    inner join instruments on contract_days.root = instruments.root
),

seconds as (
    select unnest(range({{ flow_s }})) as seconds_back
),

offsets as (
    select unnest(range(-{{ rungs }}, {{ rungs + 1 }})) as point_offset
),

-- each second with those whose flow it counts: found by their time, so that reading a few seconds
-- reads only a little of the book
lookbacks as (
    select
        level_anchors.*,
        seconds.seconds_back,
        level_anchors.window_start_ts - to_seconds(seconds.seconds_back) as second_ts
    from level_anchors
    cross join seconds
),

sums as (
    select
        lookbacks.symbol,
        lookbacks.dt,
        lookbacks.window_start_ts,
        lookbacks.window_end_ts,
        lookbacks.level_id,
        cast(offsets.point_offset as integer) as point_offset,
        any_value(lookbacks.level_tick) as level_tick,
        any_value(lookbacks.level_price_int) as level_price_int,
        any_value(lookbacks.k_ticks) as k_ticks,
        any_value(lookbacks.window_valid) as window_valid,
        count(*) = {{ flow_s }} and bool_and(level_book.window_valid) as is_flow_known,
        min(level_book.k_ticks) as low_k_ticks,
        max(level_book.k_ticks) as high_k_ticks,
        {% for side in sides %}
            cast(sum(
                level_book.{{ side }}_rung_depth_end[offsets.point_offset + {{ rungs + 1 }}]
            ) filter (where lookbacks.seconds_back = 0) as bigint) as {{ side }}_depth,
            cast(sum(
                level_book.{{ side }}_rung_depth_start[offsets.point_offset + {{ rungs + 1 }}]
            ) filter (where lookbacks.seconds_back = {{ flow_s - 1 }}) as bigint)
                as {{ side }}_depth_start,
            {% for name in flows %}
                cast(sum(
                    level_book.{{ side }}_rung_{{ name }}[offsets.point_offset + {{ rungs + 1 }}]
                ) as bigint) as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from lookbacks
    inner join level_book
        on
            lookbacks.symbol = level_book.symbol
            and lookbacks.dt = level_book.dt
            and lookbacks.level_tick = level_book.level_tick
            and lookbacks.second_ts = level_book.window_start_ts
    cross join offsets
    group by
        lookbacks.symbol,
        lookbacks.dt,
        lookbacks.window_start_ts,
        lookbacks.window_end_ts,
        lookbacks.level_id,
        offsets.point_offset
),

-- where a rung lies from spot: what the wall has no row for is empty, as far as the wall reaches
rungs as (
    select
        sums.*,
        contracts.tick_int,
        contracts.rung_ticks,
        sums.k_ticks + sums.point_offset * contracts.rung_ticks as from_ticks,
        sums.k_ticks + (sums.point_offset + 1) * contracts.rung_ticks - 1 as to_ticks,
        sums.low_k_ticks + sums.point_offset * contracts.rung_ticks as low_from_ticks,
        sums.high_k_ticks + (sums.point_offset + 1) * contracts.rung_ticks - 1 as high_to_ticks,
        (sums.level_tick + sums.point_offset * contracts.rung_ticks) * contracts.tick_int
            as from_price_int,
        (sums.level_tick + (sums.point_offset + 1) * contracts.rung_ticks - 1) * contracts.tick_int
            as to_price_int
    from sums
    inner join contracts
        on
            sums.symbol = contracts.symbol
            and sums.dt = contracts.dt
),

known as (
    select
        * exclude (
            window_valid,
            is_flow_known,
            {% for side in sides %}
                {% for name in ['depth', 'depth_start'] + flows %}
                    {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
                {% endfor %}
            {% endfor %}
        ),
        window_valid,
        {% for side in sides %}
            case
                when
                    window_valid
                    and to_ticks <= {{ reach_ticks }}
                    and from_ticks >= -{{ reach_ticks }}
                    then {{ side }}_depth
            end as {{ side }}_depth,
            {% for name in ['depth_start'] + flows %}
                case
                    when
                        is_flow_known
                        and high_to_ticks <= {{ reach_ticks }}
                        and low_from_ticks >= -{{ reach_ticks }}
                        then {{ side }}_{{ name }}
                end as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from rungs
),

-- a side can stand on a rung that is not all past the other side's best quote
with_usual as (
    select
        known.*,
        coalesce(known.from_price_int < snapshot.best_ask_price_int, true) as can_bid_stand,
        coalesce(known.to_price_int > snapshot.best_bid_price_int, true) as can_ask_stand,
        {% for side in sides %}
            {{ usual_depth_of_rung(
                side, 'usual.' ~ side ~ '_usual_depths', 'known.from_ticks', 'known.rung_ticks'
            ) }} as {{ side }}_usual_depth{{ "," if not loop.last }}
        {% endfor %}
    from known
    left join snapshot
        on
            known.symbol = snapshot.symbol
            and known.dt = snapshot.dt
            and known.window_start_ts = snapshot.window_start_ts
    left join usual
        on
            known.symbol = usual.symbol
            and known.dt = usual.dt
            and known.window_start_ts = usual.window_start_ts
),

shares as (
    select
        *,
        {% for side in sides %}
            {% set flow = side ~ '_add + ' ~ side ~ '_pull + ' ~ side ~ '_fill' %}
            {{ flow }} as {{ side }}_flow,
            {{ side }}_depth / (rung_ticks * ({{ side }}_usual_depth + 1)) as {{ side }}_wall_ratio,
            {{ side }}_depth_start / (rung_ticks * ({{ side }}_usual_depth + 1))
                as {{ side }}_wall_ratio_start,
            case
                when {{ flow }} >= {{ min_contracts }}
                    then
                        ({{ side }}_add - {{ side }}_pull - {{ side }}_fill)
                        / nullif({{ side }}_depth_start + {{ side }}_add, 0)
            end as {{ side }}_net_flow_share{{ "," if not loop.last }}
        {% endfor %}
    from with_usual
),

measured as (
    select
        *,
        case
            when bid_flow + ask_flow >= {{ min_contracts }}
                then
                    {{ log_ratio(
                        'bid_add + ask_pull + ask_fill', 'ask_add + bid_pull + bid_fill'
                    ) }}
        end as long_physics,
        case
            when from_ticks > 0 then ask_wall_ratio
            when to_ticks < 0 then bid_wall_ratio
            when ask_depth >= bid_depth then ask_wall_ratio
            else bid_wall_ratio
        end as wall_ratio,
        {% for side in sides %}
            {{ ladder_state(side) }} as {{ side }}_state{{ "," if not loop.last }}
        {% endfor %}
    from shares
),

-- the listed strikes of a second as a list, so that a second that is asked for reads no other
strikes as (
    select
        exposures.symbol,
        exposures.dt,
        exposures.window_start_ts,
        list(struct_pack(
            strike_price_int := exposures.strike_price_int,
            {% for name in of_options %}
                {{ name }} := {{ 'exposures' if name.startswith('gex') else 'option_physics' }}.{{ name }}{{ "," if not loop.last }}
            {% endfor %}
        )) as listed
    from exposures
    left join option_physics
        on
            exposures.symbol = option_physics.symbol
            and exposures.dt = option_physics.dt
            and exposures.window_start_ts = option_physics.window_start_ts
            and exposures.strike_price_int = option_physics.strike_price_int
    group by exposures.symbol, exposures.dt, exposures.window_start_ts
),

-- by the ticks between rung and strike, of two as near the lower
with_strikes as (
    select
        measured.*,
        list_min(
            list_transform(
                strikes.listed,
                strike -> struct_pack(
                    gap_int := greatest(
                        strike.strike_price_int - measured.to_price_int,
                        measured.from_price_int - strike.strike_price_int,
                        0
                    ),
                    strike_price_int := strike.strike_price_int,
                    strike := strike
                )
            )
        ) as nearest
    from measured
    left join strikes
        on
            measured.symbol = strikes.symbol
            and measured.dt = strikes.dt
            and measured.window_start_ts = strikes.window_start_ts
),

with_strike as (
    select
        *,
        struct_extract(nearest, 'strike_price_int') as strike_price_int,
        struct_extract(nearest, 'strike') as strike,
        if(struct_extract(nearest, 'strike_price_int') < from_price_int, -1, 1)
        * cast(ceil(struct_extract(nearest, 'gap_int') / tick_int) as integer)
            as strike_distance_ticks
    from with_strikes
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    k_ticks,
    point_offset,
    bid_depth,
    ask_depth,
    {% for side in sides %}
        {% for name in flows %}
            {{ side }}_{{ name }},
        {% endfor %}
    {% endfor %}
    long_physics,
    -long_physics as short_physics,
    wall_ratio,
    {% for side in sides %}
        {{ side }}_wall_ratio,
    {% endfor %}
    {% for side in sides %}
        rung_ticks * {{ side }}_usual_depth as {{ side }}_usual_depth,
    {% endfor %}
    {% for name in ['net_flow_share', 'state'] %}
        {% for side in sides %}
            {{ side }}_{{ name }},
        {% endfor %}
    {% endfor %}
    {{ points('strike_price_int') }} as strike_points,
    strike_distance_ticks,
    {% for name in of_options %}
        struct_extract(strike, '{{ name }}') as {{ name }},
    {% endfor %}
    case
        when strike_price_int is not null
            then cast(
                count(*) over (
                    partition by
                        symbol, dt, window_start_ts, window_end_ts, level_id, strike_price_int
                ) as integer
            )
    end as strike_rungs,
    window_valid
from with_strike
