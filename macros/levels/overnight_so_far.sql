{#
    Query of the range from the session's start so far, before the open, as rows of
    running_levels_1s. Arguments are names of CTEs of that model, and the relation session_prices,
    which has the evening before.
#}
{% macro overnight_so_far(seconds, trades, session, session_prices, contract_day) -%}
    with evening as (
        select
            max(prices.overnight_high_price_int // contract_day.tick_int) as high_tick,
            min(prices.overnight_low_price_int // contract_day.tick_int) as low_tick
        from {{ session_prices }} as prices
        cross join {{ contract_day }} as contract_day
        where
            prices.symbol = {{ partition_value('symbol') }}
            and prices.dt = {{ partition_value('dt') }} - 1
            and prices.session_date = {{ partition_value('dt') }}
    ),

    first_second as (
        select min(window_start_ts) as window_start_ts
        from {{ seconds }}
    ),

    -- trades before the first of the seconds count with it
    extremes as (
        select
            greatest(trades.window_start_ts, first_second.window_start_ts) as window_start_ts,
            max(trades.trade_tick) as high_tick,
            min(trades.trade_tick) as low_tick
        from {{ trades }} as trades
        inner join {{ session }} as session
            on
                trades.window_start_ts >= session.session_start_ts
                and trades.window_start_ts < session.study_start_ts
        cross join first_second
        group by all
    ),

    so_far as (
        select
            seconds.window_end_ts,
            session.study_start_ts,
            greatest(max(extremes.high_tick) over before, evening.high_tick) as high_tick,
            least(min(extremes.low_tick) over before, evening.low_tick) as low_tick
        from {{ seconds }} as seconds
        inner join {{ session }} as session
            on
                seconds.window_start_ts >= session.session_start_ts
                and seconds.window_end_ts < session.study_start_ts
        cross join evening
        left join extremes on seconds.window_start_ts = extremes.window_start_ts
        window before as (order by seconds.window_end_ts)
    )

    select
        window_end_ts,
        unnest(['overnight_high', 'overnight_low']) as level_id,
        cast(unnest([high_tick, low_tick]) as double) as level_ticks,
        true as is_provisional,
        study_start_ts as available_from_ts
    from so_far
{%- endmacro %}
