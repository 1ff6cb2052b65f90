-- noqa: disable=LT02
{{ partitioned_by('level_event_moments', storage='table') }}

{# lengths as the names of columns have them #}
{% set window_minutes = ['1', '3', '5', '10', '20'] %}

with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

-- the mid lies on half ticks; an invalid second has none
mids as (
    select
        cast(epoch(book.window_end_ts) as bigint) as end_s,
        (book.mid_price_int + book.mid_price_int) // contract_day.tick_int
            as mid_half_ticks
    from {{ ref('book_snapshot_1s') }} as book
    cross join contract_day
    where
        {{ in_partition('book.symbol', 'book.dt') }}
        and book.window_valid
        and book.mid_price_int is not null
),

mid_list as (
    select
        list(struct_pack(end_s := end_s, mid_half_ticks := mid_half_ticks) order by end_s)
            as of_day
    from mids
),

windows as (
    select
        event_id,
        unnest([{{ window_minutes | join(', ') }}]) as window_min,
        cast(epoch(event_ts) as bigint) as end_s,
        level_tick + level_tick as level_half_ticks,
        direction_sign
    from moments
),

window_list as (
    select
        list(event_id order by event_id, window_min) as event_id,
        list(window_min order by event_id, window_min) as window_min,
        list(
            struct_pack(
                end_s := end_s,
                window_min := cast(window_min as bigint),
                level_half_ticks := level_half_ticks,
                direction_sign := cast(direction_sign as bigint)
            )
            order by event_id, window_min
        ) as of_day
    from windows
),

derivatives as (
    select
        unnest(window_list.event_id) as event_id,
        unnest(window_list.window_min) as window_min,
        -- a column per field of the result
        unnest(  -- noqa: AL03
            path_derivatives(
                mid_list.of_day,
                window_list.of_day,
                struct_pack(
                    valid_share_min := {{ engine_const('kinematics_valid_share_min') }},
                    lag_s := {{ engine_const('velocity_lag_s') }}
                )
            ),
            recursive := true
        )
    from window_list
    cross join mid_list
    where window_list.of_day is not null and mid_list.of_day is not null
)

select
    moments.event_id,
    moments.symbol,
    moments.dt,
    derivatives.window_min,
    derivatives.velocity,
    derivatives.acceleration,
    derivatives.jerk,
    derivatives.momentum_trend
from derivatives
inner join moments on derivatives.event_id = moments.event_id
order by moments.event_id, derivatives.window_min
