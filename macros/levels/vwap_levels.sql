{#
    Query of the average price since the open, weighted by volume, and one standard deviation
    [weighted likewise, population] above and below it, as rows of running_levels_1s. Arguments are
    names of CTEs of that model. Sums of whole numbers around the first trade's tick are exact, so
    that trades before the first of the seconds may count with it.
#}
{% macro vwap_levels(seconds, trades, session) -%}
    with of_session as (
        select
            trades.window_start_ts,
            trades.trade_tick,
            trades.size
        from {{ trades }} as trades
        inner join {{ session }} as session
            on
                trades.window_start_ts >= session.study_start_ts
                and trades.window_start_ts < session.next_start_ts
    ),

    origin as (
        select arg_min(trade_tick, window_start_ts) as origin_tick
        from of_session
    ),

    first_second as (
        select min(seconds.window_start_ts) as window_start_ts
        from {{ seconds }} as seconds
        inner join {{ session }} as session
            on
                seconds.window_start_ts >= session.study_start_ts
                and seconds.window_start_ts < session.next_start_ts
    ),

    sums_of_seconds as (
        select
            greatest(of_session.window_start_ts, first_second.window_start_ts)
                as window_start_ts,
            origin.origin_tick,
            sum(cast(of_session.size as hugeint)) as volume,
            sum(cast(of_session.size as hugeint) * (of_session.trade_tick - origin.origin_tick))
                as first_moment,
            sum(
                cast(of_session.size as hugeint)
                * (of_session.trade_tick - origin.origin_tick)
                * (of_session.trade_tick - origin.origin_tick)
            ) as second_moment
        from of_session
        cross join origin
        cross join first_second
        group by all
    ),

    so_far as (
        select
            seconds.window_end_ts,
            session.study_start_ts,
            max(sums_of_seconds.origin_tick) over before as origin_tick,
            sum(sums_of_seconds.volume) over before as volume,
            sum(sums_of_seconds.first_moment) over before as first_moment,
            sum(sums_of_seconds.second_moment) over before as second_moment
        from {{ seconds }} as seconds
        inner join {{ session }} as session
            on
                seconds.window_start_ts >= session.study_start_ts
                and seconds.window_start_ts < session.next_start_ts
        left join sums_of_seconds on seconds.window_start_ts = sums_of_seconds.window_start_ts
        window before as (order by seconds.window_end_ts)
    ),

    averages as (
        select
            window_end_ts,
            study_start_ts,
            origin_tick + first_moment / volume as mean_ticks,
            sqrt(volume * second_moment - first_moment * first_moment) / volume as deviation_ticks
        from so_far
        where volume > 0
    )

    select
        window_end_ts,
        unnest(['vwap', 'vwap_1sd_up', 'vwap_1sd_down']) as level_id,
        unnest([mean_ticks, mean_ticks + deviation_ticks, mean_ticks - deviation_ticks])
            as level_ticks,
        false as is_provisional,
        study_start_ts as available_from_ts
    from averages
{%- endmacro %}
