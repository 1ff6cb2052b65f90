{#
    Query of the swings in each session of `sessions` (symbol, dt, session_date, from_ts, until_ts),
    as rows of step_levels. A swing is a bar of sma_bar_s whose high is above those of var
    swing_bars bars before it and not below those after it, all in a row and in one session (a low
    likewise); it is known once the last of them has ended, and holds until the next one.
#}
{% macro swings(sessions, bars) -%}
    {%- set n = var('swing_bars') -%}
    with bars_of_sessions as (
        select
            sessions.symbol,
            sessions.dt,
            sessions.session_date,
            sessions.until_ts,
            bars.bar_start_ts,
            bars.bar_end_ts,
            bars.high_price_int,
            bars.low_price_int
        from {{ sessions }} as sessions
        inner join {{ bars }} as bars
            on
                sessions.symbol = bars.symbol
                and sessions.dt = bars.dt
                and bars.bar_start_ts >= sessions.from_ts
                and bars.bar_end_ts <= sessions.until_ts
        where bars.bar_s = {{ var('sma_bar_s') }}
    ),

    confirmed as (
        select
            *,
            lead(bar_end_ts, {{ n }}) over in_order as known_ts,
            lead(bar_start_ts, {{ n }}) over in_order - lag(bar_start_ts, {{ n }}) over in_order
            = to_seconds({{ 2 * n * var('sma_bar_s') }}) as are_in_a_row,
            high_price_int > max(high_price_int) over bars_before
            and high_price_int >= max(high_price_int) over bars_after as is_high,
            low_price_int < min(low_price_int) over bars_before
            and low_price_int <= min(low_price_int) over bars_after as is_low
        from bars_of_sessions
        window
            in_order as (partition by symbol, dt, session_date order by bar_start_ts),
            bars_before as (
                partition by symbol, dt, session_date
                order by bar_start_ts
                rows between {{ n }} preceding and 1 preceding
            ),
            bars_after as (
                partition by symbol, dt, session_date
                order by bar_start_ts
                rows between 1 following and {{ n }} following
            )
    )

    {% for edge in ['high', 'low'] %}
        select
            symbol,
            dt,
            'swing_{{ edge }}' as level_id,
            known_ts as from_ts,
            coalesce(
                lead(known_ts) over (
                    partition by symbol, dt, session_date
                    order by known_ts
                ),
                until_ts
            ) as until_ts,
            {{ edge }}_price_int as level_price_int
        from confirmed
        where is_{{ edge }} and are_in_a_row
        {{ "union all" if not loop.last }}
    {% endfor %}
{%- endmacro %}
