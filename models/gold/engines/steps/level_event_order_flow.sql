-- noqa: disable=LT02
{{ partitioned_by('level_event_moments', storage='table') }}

{# lengths as the names of columns have them #}
{% set flow_seconds = ['30', '60', '120', '300'] %}
{% set depth_minutes = ['1', '3', '5'] %}
{% set zone_ticks = engine_const('barrier_zone_ticks') %}
{% set force_s = engine_const('w_force_s') %}
{% set least_share = engine_const('valid_share_min') %}
{% set sides = {'bid': 'B', 'ask': 'A'} %}

with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }} and window_valid
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

trades as (
    select * from {{ ref('contract_trades') }}
    where {{ in_partition() }}
),

looked_at as (
    select
        event_id,
        window_start_ts as event_start_ts,
        level_tick,
        defending_side,
        unnest(generate_series(
            window_start_ts - interval {{ depth_minutes[-1] }} minute,
            window_start_ts,
            interval 1 second
        )) as window_start_ts
    from moments
),

-- seconds whose wall shows the zone whole
zones as (
    select distinct
        looked_at.window_start_ts,
        looked_at.level_tick,
        contract_day.tick_int
    from looked_at
    inner join snapshot on looked_at.window_start_ts = snapshot.window_start_ts
    cross join contract_day
    where
        abs(snapshot.spot_ref_price_int - looked_at.level_tick * contract_day.tick_int)
        <= {{ var('wall_max_ticks') - zone_ticks }} * contract_day.tick_int
        and {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
),

prices as (
    select
        window_start_ts,
        level_tick,
        (level_tick + unnest(range(-{{ zone_ticks }}, {{ zone_ticks + 1 }}))) * tick_int
            as price_int
    from zones
),

-- a zone without rows of the wall is empty
books as (
    select
        prices.window_start_ts,
        prices.level_tick,
        {% for name, side in sides.items() %}
            coalesce(sum(wall.depth_qty_end) filter (wall.side = '{{ side }}'), 0)
                as {{ name }}_depth,
            coalesce(
                sum(wall.add_qty - wall.pull_qty_total - wall.fill_qty)
                    filter (wall.side = '{{ side }}'),
                0
            ) as {{ name }}_flow{{ "," if not loop.last }}
        {% endfor %}
    from prices
    left join wall
        on
            prices.window_start_ts = wall.window_start_ts
            and prices.price_int = wall.price_int
    group by prices.window_start_ts, prices.level_tick
),

-- order flow between the best quotes of two seconds [Cont, Kukanov, Stoikov]
quotes as (
    select
        window_start_ts,
        window_end_ts,
        best_bid_price_int,
        best_bid_qty,
        best_ask_price_int,
        best_ask_qty
    from snapshot
    where best_bid_qty is not null and best_ask_qty is not null
),

quote_flows as (
    select
        now.window_start_ts,
        if(now.best_bid_price_int >= earlier.best_bid_price_int, now.best_bid_qty, 0)
        - if(now.best_bid_price_int <= earlier.best_bid_price_int, earlier.best_bid_qty, 0)
        - if(now.best_ask_price_int <= earlier.best_ask_price_int, now.best_ask_qty, 0)
        + if(now.best_ask_price_int >= earlier.best_ask_price_int, earlier.best_ask_qty, 0)
            as quote_flow
    from quotes as now
    inner join quotes as earlier on now.window_start_ts = earlier.window_end_ts
),

trade_flows as (
    select
        window_start_ts,
        sum(case side when 'B' then size when 'A' then -size end) as trade_flow
    from trades
    group by window_start_ts
),

seconds as (
    select
        looked_at.event_id,
        looked_at.event_start_ts,
        looked_at.window_start_ts,
        quote_flows.quote_flow,
        trade_flows.trade_flow,
        books.bid_flow - books.ask_flow as zone_flow,
        case looked_at.defending_side
            when 'A' then books.ask_depth
            when 'B' then books.bid_depth
        end as zone_depth
    from looked_at
    left join books
        on
            looked_at.window_start_ts = books.window_start_ts
            and looked_at.level_tick = books.level_tick
    left join quote_flows on looked_at.window_start_ts = quote_flows.window_start_ts
    left join trade_flows on looked_at.window_start_ts = trade_flows.window_start_ts
),

windows as (
    select
        event_id,
        {% for minutes in depth_minutes %}
            max(zone_depth)
                filter (window_start_ts = event_start_ts - interval {{ minutes }} minute)
                as zone_depth_{{ minutes }}min_ago,
        {% endfor %}
        {% for column, name in {
            'quote_flow': 'ofi_', 'zone_flow': 'ofi_near_level_'
        }.items() %}
            {% for seconds in flow_seconds %}
                case
                    when
                        count({{ column }}) filter ({{ is_within(seconds) }}) / {{ seconds }}
                        >= {{ least_share }}
                        then cast(sum({{ column }}) filter ({{ is_within(seconds) }}) as double)
                end as {{ name }}{{ seconds }}s,
            {% endfor %}
        {% endfor %}
        coalesce(sum(trade_flow) filter ({{ is_within(force_s) }}), 0) / {{ force_s }}
            as force_qty_s,
        case
            when
                count(zone_depth) filter ({{ is_within(force_s) }}) / {{ force_s }}
                >= {{ least_share }}
                then sum(zone_depth) filter ({{ is_within(force_s) }})
                    / count(zone_depth) filter ({{ is_within(force_s) }})
        end as mean_zone_depth
    from seconds
    group by event_id
)

select
    moments.event_id,
    moments.symbol,
    moments.dt,
    {% for minutes in depth_minutes %}
        cast(windows.zone_depth_{{ minutes }}min_ago as bigint)
            as zone_depth_{{ minutes }}min_ago,
    {% endfor %}
    {% for name in ['ofi_', 'ofi_near_level_'] %}
        {% for seconds in flow_seconds %}
            windows.{{ name }}{{ seconds }}s,
        {% endfor %}
    {% endfor %}
    moments.direction_sign * windows.force_qty_s / (windows.mean_zone_depth + 1)
        as force_mass_ratio
from moments
inner join windows on moments.event_id = windows.event_id
order by moments.event_id
