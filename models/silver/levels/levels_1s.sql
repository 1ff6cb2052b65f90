-- noqa: disable=LT09
{% set runs = uses_levels(running_levels()) %}
{{ partitioned_by('level_settings', inputs=['running_levels_1s'] if runs else []) }}

{# bars and sessions end on whole minutes unless the vars say otherwise #}
{% set session_times = var('premarket') + var('opening_range') %}
{% set are_minutes = var('sma_bar_s') % 60 == 0 and session_times | map('length') | max == 5 %}
{% set moment = 'minute' if are_minutes else 'second' %}

with

inputs as (
    select * from {{ ref('level_settings') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

definitions as (
    select * from {{ ref('level_definitions') }}
),

step_levels as (
    select * from {{ ref('step_levels') }}
    where {{ in_partition() }}
),

steps as (
    select distinct
        date_trunc('second', unnest([from_ts, until_ts]) + interval 999999 microsecond) as step_ts
    from step_levels
),

{% if runs %}
    running_levels as (
        select
            *,
            cast(round_even(level_ticks, 0) as bigint) as level_tick
        from {{ ref('running_levels_1s') }}
        where {{ in_partition() }}
    ),

    running_ticks as (
        select
            window_end_ts,
            bit_xor(hash(level_id, level_tick, is_provisional)) as ticks_hash
        from running_levels
        group by window_end_ts
    ),
{% endif %}

-- averages change when a bar ends and ranges when a session does; a bar may grow too old a second
-- after that: the levels of a second are those of its moment, or of the last step
moments_of_seconds as (
    select
        book.symbol,
        book.dt,
        book.window_end_ts,
        greatest(
            case
                when book.window_end_ts = date_trunc('{{ moment }}', book.window_end_ts)
                    then book.window_end_ts
                else date_trunc('{{ moment }}', book.window_end_ts) + interval 1 second
            end,
            steps.step_ts
        ) as moment_ts
    from {{ ref('book_snapshot_1s') }} as book
    asof left join steps on book.window_end_ts >= steps.step_ts
    where {{ in_partition('book.symbol', 'book.dt') }}
),

{% if runs %}
    changes as (
        select
            moments_of_seconds.*,
            (
                moments_of_seconds.moment_ts = lag(moments_of_seconds.moment_ts) over so_far
                and coalesce(running_ticks.ticks_hash, 0)
                = lag(coalesce(running_ticks.ticks_hash, 0)) over so_far
            ) is not true as is_change
        from moments_of_seconds
        left join running_ticks on moments_of_seconds.window_end_ts = running_ticks.window_end_ts
        window so_far as (order by moments_of_seconds.window_end_ts)
    ),

    -- or those of the second in which a running level came to its tick
    seconds as (
        select
            symbol,
            dt,
            window_end_ts,
            max(if(is_change, window_end_ts, null)) over (order by window_end_ts) as moment_ts
        from changes
    ),
{% else %}
    seconds as (
        select * from moments_of_seconds
    ),
{% endif %}

trades as (
    select
        contract_trades.window_start_ts,
        contract_trades.price_int // contract_day.tick_int as trade_tick
    from {{ ref('contract_trades') }} as contract_trades
    cross join contract_day
    where
        {{ in_partition('contract_trades.symbol', 'contract_trades.dt') }}
        and contract_trades.price_int is not null
),

bars as (
    select
        bars.bar_end_ts,
        bars.close_price_int // contract_day.tick_int as close_tick
    from {{ ref('bars') }} as bars
    cross join contract_day
    where
        bars.symbol = (select inputs.symbol from inputs)
        and bars.bar_s = {{ var('sma_bar_s') }}
        and bars.dt <= {{ partition_value('dt') }}
        and bars.dt >= {{ partition_value('dt') }} - {{ var('sma_max_age_days') }}
        and (
            bars.dt = {{ partition_value('dt') }}
            or bars.dt in (select unnest(inputs.earlier_dts) from inputs)
        )
),

-- the sessions whose extremes are levels
ranges as (
    select
        'pm' as level_kind,
        unnest({{ session_bounds_utc(partition_value('dt'), 'premarket') }})
    union all
    select
        'or' as level_kind,
        unnest({{ session_bounds_utc(partition_value('dt'), 'opening_range') }})
),

extremes_of_seconds as (
    select
        ranges.level_kind,
        trades.window_start_ts + interval 1 second as window_end_ts,
        max(trades.trade_tick) as high_tick,
        min(trades.trade_tick) as low_tick
    from trades
    inner join ranges
        on
            trades.window_start_ts >= ranges.start_ts
            and trades.window_start_ts < ranges.end_ts
    group by ranges.level_kind, window_end_ts
),

extremes as (
    select
        level_kind,
        max(high_tick) as high_tick,
        min(low_tick) as low_tick
    from extremes_of_seconds
    group by level_kind
),

-- the premarket range after each second that has trades of it
extremes_so_far as (
    select
        window_end_ts,
        max(high_tick) over (order by window_end_ts) as high_tick,
        min(low_tick) over (order by window_end_ts) as low_tick
    from extremes_of_seconds
    where level_kind = 'pm'
),

-- what the premarket range is so far; the opening range has no value before it is complete
running_extremes as (
    select
        seconds.window_end_ts,
        extremes_so_far.high_tick,
        extremes_so_far.low_tick
    from seconds
    inner join ranges
        on
            ranges.level_kind = 'pm'
            and seconds.window_end_ts > ranges.start_ts
            and seconds.window_end_ts < ranges.end_ts
    asof left join extremes_so_far on seconds.window_end_ts >= extremes_so_far.window_end_ts
),

provisional as (
    select
        running_extremes.window_end_ts,
        definitions.level_id,
        case definitions.edge
            when 'high' then running_extremes.high_tick
            else running_extremes.low_tick
        end as level_tick,
        ranges.end_ts as available_from_ts
    from running_extremes
    inner join definitions on definitions.level_kind = 'pm'
    inner join ranges on definitions.level_kind = ranges.level_kind
    {% if runs %}
        union all
        select
            window_end_ts,
            level_id,
            level_tick,
            available_from_ts
        from running_levels
        where is_provisional
    {% endif %}
),

moments as (
    select distinct moment_ts from seconds
),

bars_of_averages as (
    select
        bars.bar_end_ts,
        bars.close_tick,
        definitions.level_id,
        definitions.priority,
        definitions.sma_bars
    from bars
    cross join definitions
    where definitions.level_kind = 'sma'
),

totals as (
    select
        *,
        cast(sum(close_tick) over (
            partition by level_id
            order by bar_end_ts
        ) as bigint) as total_ticks
    from bars_of_averages
),

averages_of_bars as (
    select
        bar_end_ts,
        level_id,
        priority,
        (total_ticks - lag(total_ticks, sma_bars, 0) over bars_before) / sma_bars as level_ticks,
        lag(bar_end_ts, sma_bars - 1) over bars_before as oldest_bar_end_ts
    from totals
    window bars_before as (partition by level_id order by bar_end_ts)
),

level_names as (
    select level_id from definitions
),

averages as (
    select
        moments.moment_ts,
        averages_of_bars.level_id,
        averages_of_bars.priority,
        averages_of_bars.level_ticks,
        averages_of_bars.bar_end_ts as available_from_ts
    from moments
    cross join level_names
    asof inner join averages_of_bars
        on
            level_names.level_id = averages_of_bars.level_id
            and moments.moment_ts >= averages_of_bars.bar_end_ts
    where
        -- NULL, and so no average, while there are too few bars
        averages_of_bars.oldest_bar_end_ts
        >= moments.moment_ts - interval '{{ var("sma_max_age_days") }} days'
),

final_extremes as (
    select
        moments.moment_ts,
        definitions.level_id,
        definitions.priority,
        cast(case definitions.edge
            when 'high' then extremes.high_tick
            else extremes.low_tick
        end as double) as level_ticks,
        ranges.end_ts as available_from_ts
    from moments
    inner join ranges on moments.moment_ts >= ranges.end_ts
    inner join extremes on ranges.level_kind = extremes.level_kind
    inner join definitions on ranges.level_kind = definitions.level_kind
),

steps_of_moments as (
    select
        moments.moment_ts,
        step_levels.level_id,
        definitions.priority,
        step_levels.level_price_int / contract_day.tick_int as level_ticks,
        step_levels.from_ts as available_from_ts
    from moments
    inner join step_levels
        on
            moments.moment_ts >= step_levels.from_ts
            and moments.moment_ts < coalesce(step_levels.until_ts, timestamp 'infinity')
    inner join definitions on step_levels.level_id = definitions.level_id
    cross join contract_day
),

known as (
    select * from averages
    union all
    select * from final_extremes
    union all
    select * from steps_of_moments
    {% if runs %}
        union all
        select
            moments.moment_ts,
            running_levels.level_id,
            definitions.priority,
            running_levels.level_ticks,
            running_levels.available_from_ts
        from moments
        inner join running_levels on moments.moment_ts = running_levels.window_end_ts
        inner join definitions on running_levels.level_id = definitions.level_id
        where not running_levels.is_provisional
    {% endif %}
),

usable as (
    select
        *,
        cast(round_even(level_ticks, 0) as bigint) as level_tick
    from known
),

{{ level_stacks('usable') }},

-- a range ends at the same time of day whether anything traded in it or not
visible_levels as (
    select
        seconds.symbol,
        seconds.dt,
        seconds.window_end_ts,
        definitions.level_id,
        definitions.priority,
        coalesce(
            {% if runs %}
                running_levels.level_ticks,
            {% endif %}
            levels.level_ticks,
            provisional.level_tick
        ) as level_ticks,
        coalesce(levels.level_tick, provisional.level_tick) as level_tick,
        levels.level_id is not null as is_active,
        levels.level_id is null and provisional.level_tick is not null as is_provisional,
        coalesce(
            {% if runs %}
                running_levels.available_from_ts,
            {% endif %}
            levels.available_from_ts, provisional.available_from_ts, ranges.end_ts
        ) as available_from_ts,
        coalesce(levels.stacked_with, []) as stacked_with,
        coalesce(levels.is_primary, false) as is_primary
    from seconds
    cross join definitions
    left join levels
        on
            seconds.moment_ts = levels.moment_ts
            and definitions.level_id = levels.level_id
    left join provisional
        on
            seconds.window_end_ts = provisional.window_end_ts
            and definitions.level_id = provisional.level_id
    left join ranges on definitions.level_kind = ranges.level_kind
    {% if runs %}
        left join running_levels
            on
                seconds.window_end_ts = running_levels.window_end_ts
                and definitions.level_id = running_levels.level_id
    {% endif %}
    -- an own level has no row while it is not known
    where definitions.level_kind != 'own' or levels.level_id is not null
)

select
    visible_levels.symbol,
    visible_levels.dt,
    visible_levels.window_end_ts,
    visible_levels.level_id,
    {{ points('visible_levels.level_ticks * contract_day.tick_int') }} as level_price,
    visible_levels.level_tick * contract_day.tick_int as level_price_int,
    visible_levels.level_tick,
    visible_levels.level_ticks - visible_levels.level_tick as level_resid_ticks,
    visible_levels.is_active,
    visible_levels.is_provisional,
    visible_levels.available_from_ts,
    visible_levels.stacked_with,
    visible_levels.is_primary
from visible_levels
cross join contract_day
order by visible_levels.window_end_ts, visible_levels.priority, visible_levels.level_id
