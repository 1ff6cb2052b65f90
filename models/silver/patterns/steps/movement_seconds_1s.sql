-- noqa: disable=LT02
{{ partitioned_by('book_snapshot_1s') }}

{% set readings = ['spread_ticks', 'microprice_offset_ticks'] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

snapshot as (
    select
        book.window_start_ts,
        book.window_end_ts,
        contract_day.surface_windows,
        -- an invalid second has no prices; the mid lies on half ticks
        case
            when book.window_valid then 2 * book.mid_price_int // contract_day.tick_int
        end as mid_half_ticks,
        case when book.window_valid then book.mid_price_int end as mid_price_int,
        case
            when book.window_valid
                then cast(
                    (book.best_ask_price_int - book.best_bid_price_int) // contract_day.tick_int
                    as integer
                )
        end as spread_ticks,
        (book.best_bid_qty - book.best_ask_qty) / (book.best_bid_qty + book.best_ask_qty)
            as best_imbalance
    from {{ ref('book_snapshot_1s') }} as book
    cross join contract_day
    where {{ in_partition('book.symbol', 'book.dt') }}
),

changes as (
    select
        *,
        spread_ticks / 2 * best_imbalance as microprice_offset_ticks,
        {{ consecutive_difference('mid_half_ticks') }} as mid_change_half_ticks,
        -- where a run of valid seconds can begin: after an invalid second, or after a missing one
        case
            when mid_half_ticks is null then window_end_ts
            when
                coalesce(
                    lag(window_start_ts) over seconds != window_start_ts - interval 1 second, true
                )
                then window_start_ts
        end as run_start_ts
    from snapshot
    window seconds as (order by window_start_ts)
),

sums as (
    select
        *,
        max(run_start_ts) over (
            order by window_start_ts rows between unbounded preceding and current row
        ) as last_run_start_ts,
        cast(sum(mid_change_half_ticks) over lookback as bigint) as change_sum,
        cast(sum(mid_change_half_ticks * mid_change_half_ticks) over lookback as bigint)
            as square_sum,
        count(mid_change_half_ticks) over lookback as change_count,
        {{ earlier_values(readings, 1) }}
    from changes
    window
        lookback as (
            order by window_start_ts
            rows between {{ var("sigma_lookback_s") - 1 }} preceding and current row
        ),
        windows as (order by window_start_ts)
),

seconds as (
    select
        *,
        {{ in_session('window_start_ts', 'rth_study') }} as in_study,
        cast(epoch(window_end_ts) - epoch(last_run_start_ts) as integer) as valid_run_s,
        -- the nearest first
        list(mid_half_ticks) over (
            order by window_start_ts desc
            rows between 1 following and {{ var('key_move_before_s') }} following
        ) as earlier_mids
    from sums
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_end_ts,
    in_study,
    cast(
        (60 * hour({{ ny_local('window_start_ts') }}) + minute({{ ny_local('window_start_ts') }}))
        // 30 as integer
    ) as ny_half_hour,
    mid_price_int,
    mid_half_ticks,
    valid_run_s,
    {{ extreme_for_s('earlier_mids', '<') }} as low_for_s,
    {{ extreme_for_s('earlier_mids', '>') }} as high_for_s,
    {{ sigma_1s_ticks('change_count', 'change_sum', 'square_sum') }} as sigma_1s_ticks,
    {% for name in readings %}
        {{ name }},
    {% endfor %}
    {{ differences(readings) }}
from seconds
where in_study or {{ is_in_surface_window('window_start_ts', 'surface_windows') }}
order by window_end_ts
