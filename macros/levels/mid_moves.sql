{#
    CTEs of the moves of the mid, one row per second of a contract-day in `seconds`: spot_tick,
    sigma_1s_ticks and moved_half_ticks_{n}s for every look-back of n seconds. The caller names the
    relation `contract_day`.
#}
{% macro mid_moves(lookbacks) -%}
    snapshot as (
        select
            book.window_start_ts,
            book.window_end_ts,
            book.spot_ref_price_int // contract_day.tick_int as spot_tick,
            -- the mid lies on half ticks; an invalid second has none
            case
                when book.window_valid then 2 * book.mid_price_int // contract_day.tick_int
            end as mid_half_ticks
        from {{ ref('book_snapshot_1s') }} as book
        cross join contract_day
        where {{ in_partition('book.symbol', 'book.dt') }}
    ),

    changes as (
        select
            *,
            {{ consecutive_difference('mid_half_ticks') }} as mid_change_half_ticks,
            {% for lookback in lookbacks %}
                case
                    when
                        lag(window_start_ts, {{ lookback }}) over seconds
                        = window_start_ts - interval {{ lookback }} second
                        then mid_half_ticks - lag(mid_half_ticks, {{ lookback }}) over seconds
                end as moved_half_ticks_{{ lookback }}s{{ "," if not loop.last }}
            {% endfor %}
        from snapshot
        window seconds as (order by window_start_ts)
    ),

    -- the snapshot has every second, so that rows are seconds
    spreads as (
        select
            *,
            cast(sum(mid_change_half_ticks) over lookback as bigint) as change_sum,
            cast(sum(mid_change_half_ticks * mid_change_half_ticks) over lookback as bigint)
                as square_sum,
            count(mid_change_half_ticks) over lookback as change_count
        from changes
        window lookback as (
            order by window_start_ts
            rows between {{ var("sigma_lookback_s") - 1 }} preceding and current row
        )
    ),

    seconds as (
        select
            *,
            {{ sigma_1s_ticks('change_count', 'change_sum', 'square_sum') }} as sigma_1s_ticks
        from spreads
    )
{%- endmacro %}
