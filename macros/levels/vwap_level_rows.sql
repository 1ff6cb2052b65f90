{#
    Query of the volume-weighted average price since the open and of its bands, one volume-weighted
    standard deviation away: moment_ts, level_id, priority, level_ticks, available_from_ts. The
    arguments are relations of one contract-day: its moments, which are seconds, its trades with
    ticks and sizes, and the definitions of levels.
#}
{% macro vwap_level_rows(moments, trades, definitions) -%}
    with study as (
        select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
    ),

    of_seconds as (
        select
            trades.window_start_ts + interval 1 second as known_ts,
            sum(trades.size) as volume,
            sum(trades.size * trades.trade_tick) as ticks,
            sum(cast(trades.size as hugeint) * trades.trade_tick * trades.trade_tick)
                as squared_ticks
        from {{ trades }} as trades
        cross join study
        where trades.window_start_ts >= study.start_ts
        group by known_ts
    ),

    so_far as (
        select
            known_ts,
            sum(volume) over until_now as volume,
            sum(ticks) over until_now as ticks,
            sum(squared_ticks) over until_now as squared_ticks
        from of_seconds
        window until_now as (order by known_ts)
    ),

    averages as (
        select
            moments.moment_ts,
            so_far.ticks / so_far.volume as mean_ticks,
            -- whole numbers until the division: no difference of large doubles
            sqrt(
                cast(
                    so_far.squared_ticks * so_far.volume
                    - cast(so_far.ticks as hugeint) * so_far.ticks
                    as double
                )
            ) / so_far.volume as deviation_ticks
        from {{ moments }} as moments
        asof inner join so_far on moments.moment_ts >= so_far.known_ts
    )

    select
        averages.moment_ts,
        definitions.level_id,
        definitions.priority,
        averages.mean_ticks + averages.deviation_ticks * case definitions.edge
            when 'up' then 1
            when 'down' then -1
            else 0
        end as level_ticks,
        averages.moment_ts as available_from_ts
    from averages
    cross join {{ definitions }} as definitions
    where definitions.level_kind = 'vwap'
{%- endmacro %}
