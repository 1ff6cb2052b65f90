-- noqa: disable=LT02,RF02
{% set n_matches = var('key_move_matches') %}
{% set apart_s = var('key_move_before_s') %}
{# each taken moment rules out itself and what lies closer than apart_s on either side #}
{# log volatility is summed in whole parts of this unit #}
{% set unit = 1000000000 %}
{% set nearest_kept = (n_matches - 1) * (2 * apart_s - 1) + 1 %}

with

-- the contract a trader would have used that day
selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
),

every_second as (
    select
        *,
        case
            when lead(window_end_ts) over contract_days = window_end_ts + interval 1 second
                then lead(mid_half_ticks) over contract_days - mid_half_ticks
        end as next_change_half_ticks
    from {{ ref('movement_seconds_1s') }}
    window contract_days as (partition by symbol, dt order by window_end_ts)
),

seconds as (
    select
        selection.root,
        every_second.symbol,
        every_second.dt,
        every_second.window_end_ts,
        every_second.ny_half_hour,
        every_second.valid_run_s,
        every_second.spread_ticks,
        every_second.low_for_s,
        every_second.high_for_s,
        every_second.next_change_half_ticks,
        ln(nullif(every_second.sigma_1s_ticks, 0)) as log_sigma
    from every_second
    inner join selection
        on
            every_second.symbol = selection.selected_symbol
            and every_second.dt = selection.session_date
    where every_second.in_study
),

movements as (
    select * from {{ ref('key_movements') }}
),

-- the last movement that starts less than key_move_clear_s after the second also ends last
clear_seconds as (
    select
        seconds.*,
        {# which of equally near moments comes first is drawn #}
        md5_number_lower(concat_ws(
            '|', {{ var('evaluation_seed') }}, seconds.symbol, epoch_us(seconds.window_end_ts)
        )) as draw
    from seconds
    asof left join movements
        on
            seconds.symbol = movements.symbol
            and seconds.dt = movements.dt
            and seconds.window_end_ts + interval {{ var('key_move_clear_s') }} second
            > movements.start_window_end_ts
    where
        seconds.valid_run_s > {{ apart_s }}
        and seconds.log_sigma is not null
        and seconds.spread_ticks is not null
        and (
            movements.end_window_end_ts is null
            or seconds.window_end_ts
            >= movements.end_window_end_ts + interval {{ var('key_move_clear_s') }} second
        )
),

-- sums of integers, so that the order of summing does not matter
sums as (
    select
        root,
        ny_half_hour,
        count(*) as n,
        sum(cast(round(log_sigma * {{ unit }}) as hugeint)) as log_sigma_sum,
        sum(
            cast(round(log_sigma * {{ unit }}) as hugeint)
            * cast(round(log_sigma * {{ unit }}) as hugeint)
        ) as log_sigma_square_sum,
        sum(cast(spread_ticks as hugeint)) as spread_sum,
        sum(cast(spread_ticks as hugeint) * spread_ticks) as spread_square_sum
    from clear_seconds
    group by root, ny_half_hour
),

-- how far moments of the half-hour differ: standard deviations, NULL where they do not
spreads as (
    select
        root,
        ny_half_hour,
        sqrt(
            nullif(n * log_sigma_square_sum - log_sigma_sum * log_sigma_sum, 0)
            / nullif(n * (n - 1), 0)
        ) / {{ unit }} as log_sigma_std,
        sqrt(
            nullif(n * spread_square_sum - spread_sum * spread_sum, 0) / nullif(n * (n - 1), 0)
        ) as spread_std
    from sums
),

-- price turns as at the start of a movement: before one up it was no lower for a while, and rises
turns as (
    select
        *,
        'up' as direction,
        low_for_s as extreme_for_s
    from clear_seconds
    where next_change_half_ticks > 0
    union all by name
    select
        *,
        'down' as direction,
        high_for_s as extreme_for_s
    from clear_seconds
    where next_change_half_ticks < 0
),

starts as (
    select
        seconds.*,
        movements.direction,
        case movements.direction
            when 'up' then seconds.low_for_s
            else seconds.high_for_s
        end as extreme_for_s,
        movements.label_end_ts
    from movements
    inner join seconds
        on
            movements.symbol = seconds.symbol
            and movements.dt = seconds.dt
            and movements.start_window_end_ts = seconds.window_end_ts
    where
        seconds.log_sigma is not null
        and seconds.spread_ticks is not null
),

-- a measure that does not differ within the half-hour compares nothing
differences as (
    select
        starts.symbol,
        starts.dt,
        starts.window_end_ts,
        starts.direction,
        starts.label_end_ts,
        turns.symbol as match_symbol,
        turns.dt as match_dt,
        turns.window_end_ts as match_window_end_ts,
        turns.draw,
        coalesce((turns.log_sigma - starts.log_sigma) / spreads.log_sigma_std, 0)
            as log_sigma_difference,
        coalesce((turns.spread_ticks - starts.spread_ticks) / spreads.spread_std, 0)
            as spread_difference
    from starts
    inner join turns
        on
            starts.root = turns.root
            and starts.ny_half_hour = turns.ny_half_hour
            and starts.direction = turns.direction
            and starts.extreme_for_s <= turns.extreme_for_s
    inner join spreads
        on starts.root = spreads.root and starts.ny_half_hour = spreads.ny_half_hour
),

nearest as (
    select
        symbol,
        dt,
        window_end_ts,
        direction,
        label_end_ts,
        -- structs compare by their fields in order
        min(
            struct_pack(
                distance := sqrt(
                    log_sigma_difference * log_sigma_difference
                    + spread_difference * spread_difference
                ),
                draw := draw,
                match_symbol := match_symbol,
                match_dt := match_dt,
                match_window_end_ts := match_window_end_ts
            ),
            {{ nearest_kept }}
        ) as left_1
    from differences
    group by symbol, dt, window_end_ts, direction, label_end_ts
),

{% for number in range(1, n_matches) %}
taken_{{ number }} as (
    select
        *,
        -- the other moments that lie far enough from the nearest of what is left
        list_filter(
            left_{{ number }},
            other ->
            struct_extract(other, 'match_symbol')
            != struct_extract(left_{{ number }}[1], 'match_symbol')
            or abs(
                epoch(struct_extract(other, 'match_window_end_ts'))
                - epoch(struct_extract(left_{{ number }}[1], 'match_window_end_ts'))
            ) >= {{ apart_s }}
        ) as left_{{ number + 1 }}
    from {{ 'nearest' if loop.first else 'taken_' ~ (number - 1) }}
),
{% endfor %}

taken as (
    select
        symbol,
        dt,
        window_end_ts,
        direction,
        label_end_ts,
        unnest([
            {% for number in range(1, n_matches + 1) %}
                left_{{ number }}[1]{{ "," if not loop.last }}
            {% endfor %}
        ]) as moment,
        unnest(range(1, {{ n_matches + 1 }})) as match_number
    from {{ 'taken_' ~ (n_matches - 1) if n_matches > 1 else 'nearest' }}
)

select
    symbol,
    dt,
    window_end_ts as start_window_end_ts,
    cast(match_number as integer) as match_number,
    direction,
    struct_extract(moment, 'match_symbol') as match_symbol,
    struct_extract(moment, 'match_dt') as match_dt,
    struct_extract(moment, 'match_window_end_ts') as match_window_end_ts,
    struct_extract(moment, 'distance') as match_distance,
    label_end_ts
from taken
where moment is not null
order by symbol, dt, start_window_end_ts, match_number
