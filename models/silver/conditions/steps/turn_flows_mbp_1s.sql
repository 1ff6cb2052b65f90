-- noqa: disable=AL03,LT02,LT05,ST05
{{ partitioned_by('published_book_1s', inputs=['market_book_1s', 'book_snapshot_1s']) }}

{% set windows = var('condition_windows_s') %}
{% set reach = zone_ticks() %}
{% set sides = {'ask': 'A', 'bid': 'B'} %}
{% set second_ns = 1000000000 %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

published as (
    select * from {{ ref('published_book_1s') }}
    where {{ in_partition() }}
),

book as (
    select * from {{ ref('market_book_1s') }}
    where {{ in_partition() }} and source = 'mbp10'
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

seconds as (
    select
        published.window_start_ts,
        published.window_end_ts,
        published.highest_bid_tick,
        published.lowest_ask_tick,
        published.bid_edge_tick,
        published.ask_edge_tick,
        published.scrolled_qty,
        published.unknown_side_qty,
        published.resolution_s,
        snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick,
        snapshot.window_valid and book.is_valid_end as is_known_end,
        snapshot.window_valid and book.valid_ns = {{ second_ns }} and published.n_resets = 0
            as is_known
    from published
    inner join book on published.window_start_ts = book.window_start_ts
    inner join snapshot on published.window_start_ts = snapshot.window_start_ts
    cross join contract_day
    where {{ is_in_surface_window('published.window_start_ts', 'contract_day.option_windows') }}
),

-- the seconds of each window, from the end of the second before its first
spans as (
    {% for window_s in windows %}
        select
            window_start_ts,
            window_end_ts,
            {{ window_s }} as window_s,
            resolution_s,
            lag(window_start_ts, {{ window_s }}) over before_{{ window_s }} as start_ts,
            lag(spot_tick, {{ window_s }}) over before_{{ window_s }} as spot_tick,
            spot_tick - lag(spot_tick, {{ window_s }}) over before_{{ window_s }} as spot_move_ticks,
            lag(is_known_end, {{ window_s }}) over before_{{ window_s }}
            and bool_and(is_known) over span_{{ window_s }} as is_known,
            max(highest_bid_tick) over span_{{ window_s }} as highest_bid_tick,
            min(lowest_ask_tick) over span_{{ window_s }} as lowest_ask_tick,
            max(bid_edge_tick) over span_{{ window_s }} as bid_edge_tick,
            min(ask_edge_tick) over span_{{ window_s }} as ask_edge_tick,
            sum(scrolled_qty) over span_{{ window_s }} as scrolled_qty,
            sum(unknown_side_qty) over span_{{ window_s }} as unknown_side_qty
        from seconds
        window
            before_{{ window_s }} as (order by window_start_ts),
            span_{{ window_s }} as (
                order by window_start_ts
                rows between {{ window_s - 1 }} preceding and current row
            )
        {{ "union all" if not loop.last }}
    {% endfor %}
),

reaches as (
    select
        *,
        least(ask_edge_tick, spot_tick + {{ reach }}) as highest_tick,
        greatest(bid_edge_tick, spot_tick - {{ reach }}) as lowest_tick,
        greatest(least(highest_tick - spot_tick, spot_tick - lowest_tick), 0) as reach_ticks
    from spans
),

-- a window that misses a second or holds fewer than two updates is not known
known as (
    select * from reaches
    where
        is_known
        and start_ts = window_start_ts - to_seconds(window_s)
        and window_s >= 2 * resolution_s
),

levels as (
    select
        book.window_start_ts,
        unnest([
            {% for side, letter in sides.items() %}
                {% set is_last_side = loop.last %}
                {% for level in range(10) %}
                    {% set name = side ~ '_px_%02d_int' | format(level) %}
                    struct_pack(
                        side := '{{ letter }}',
                        tick := book.{{ name }} // contract_day.tick_int,
                        qty := book.{{ side }}_sz_{{ '%02d' | format(level) }}
                    ){{ "," if not (loop.last and is_last_side) }}
                {% endfor %}
            {% endfor %}
        ], recursive := true)
    from book
    cross join contract_day
),

executions as (
    select
        window_start_ts,
        unnest(executions, recursive := true)
    from published
),

-- each execution in each window that holds its second; as columns of one relation, or the join below
-- may compare every execution with every window
executions_of_windows as (
    {% for window_s in windows %}
        select
            {{ window_s }} as window_s,
            unnest(range({{ window_s }})) as seconds_back,
            window_start_ts,
            side,
            tick,
            qty
        from executions
        {{ "union all" if not loop.last }}
    {% endfor %}
),

-- what rested at a price when a window began and ended, and what was executed there between
at_prices as (
    select
        known.window_start_ts,
        known.window_s,
        levels.side,
        levels.tick,
        levels.qty as start_qty,
        0 as end_qty,
        0 as executed_qty
    from known
    inner join levels on known.start_ts = levels.window_start_ts
    union all
    select
        known.window_start_ts,
        known.window_s,
        levels.side,
        levels.tick,
        0 as start_qty,
        levels.qty as end_qty,
        0 as executed_qty
    from known
    inner join levels on known.window_start_ts = levels.window_start_ts
    union all
    select
        known.window_start_ts,
        known.window_s,
        executed.side,
        executed.tick,
        0 as start_qty,
        0 as end_qty,
        executed.qty as executed_qty
    from executions_of_windows as executed
    inner join known
        on
            executed.window_s = known.window_s
            and executed.window_start_ts + to_seconds(executed.seconds_back)
            = known.window_start_ts
),

-- prices that every state publishes and where the side could stand all the time
changes as (
    select
        known.window_start_ts,
        known.window_s,
        at_prices.side,
        abs(at_prices.tick - known.spot_tick) as distance_ticks,
        sum(at_prices.start_qty) as start_qty,
        sum(at_prices.end_qty) as end_qty,
        sum(at_prices.executed_qty) as executed_qty,
        sum(at_prices.start_qty) - sum(at_prices.end_qty) - sum(at_prices.executed_qty)
            as net_pull_qty
    from known
    inner join at_prices
        on
            known.window_start_ts = at_prices.window_start_ts
            and known.window_s = at_prices.window_s
    where
        (
            at_prices.side = 'A'
            and at_prices.tick between known.spot_tick and known.highest_tick
            and at_prices.tick > known.highest_bid_tick
        )
        or (
            at_prices.side = 'B'
            and at_prices.tick between known.lowest_tick and known.spot_tick
            and at_prices.tick < known.lowest_ask_tick
        )
    group by
        known.window_start_ts, known.window_s, at_prices.side, at_prices.tick, known.spot_tick
),

-- executed contracts that nobody replaced have not moved: they count where they were
kept as (
    select
        *,
        end_qty + least(executed_qty, greatest(start_qty - end_qty, 0)) as kept_qty
    from changes
),

sums as (
    select
        window_start_ts,
        window_s,
        {% for side, letter in sides.items() %}
            {% set of_side = "filter (side = '" ~ letter ~ "')" %}
            sum(start_qty) {{ of_side }} as {{ side }}_depth_start,
            sum(start_qty * distance_ticks) {{ of_side }} as {{ side }}_depth_start_ticks,
            sum(kept_qty) {{ of_side }} as {{ side }}_kept_end,
            sum(kept_qty * distance_ticks) {{ of_side }} as {{ side }}_kept_end_ticks,
            sum(abs(kept_qty - start_qty)) {{ of_side }} as {{ side }}_kept_change,
            sum(net_pull_qty) {{ of_side }} as {{ side }}_net_pull,
            sum(abs(net_pull_qty)) {{ of_side }} as {{ side }}_net_change
            {{- "," if not loop.last }}
        {% endfor %}
    from kept
    group by window_start_ts, window_s
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    reaches.window_start_ts,
    reaches.window_end_ts,
    cast(reaches.window_s as integer) as condition_window_s,
    cast(known.reach_ticks as integer) as reach_ticks,
    cast(known.spot_move_ticks as integer) as spot_move_ticks,
    cast(known.scrolled_qty as bigint) as scrolled_qty,
    cast(known.unknown_side_qty as bigint) as unknown_side_qty,
    reaches.resolution_s,
    {% for side in sides %}
        {% set is_last_side = loop.last %}
        {% for name in net_flow_sums() %}
            cast(
                case when known.reach_ticks is not null then coalesce(sums.{{ side }}_{{ name }}, 0) end
                as bigint
            ) as {{ side }}_{{ name }}{{ "," if not (loop.last and is_last_side) }}
        {% endfor %}
    {% endfor %}
from reaches
left join known
    on
        reaches.window_start_ts = known.window_start_ts
        and reaches.window_s = known.window_s
left join sums
    on
        reaches.window_start_ts = sums.window_start_ts
        and reaches.window_s = sums.window_s
order by reaches.window_s, reaches.window_start_ts
