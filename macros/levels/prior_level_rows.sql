{#
    Query of the levels that the session before a day's session left behind: moment_ts, level_id,
    priority, level_ticks, available_from_ts. Sessions are those of the product. The arguments are
    relations of one contract-day: its moments, the definitions of levels, the contract-day, and the
    earlier dates whose bars count.
#}
{% macro prior_level_rows(moments, definitions, contract_day, earlier_dts) -%}
    {%- set session = ['contract_day.session_open_local', 'contract_day.session_close_local',
        'contract_day.session_tz'] -%}
    with bars_of_sessions as (
        select
            {{ globex_session_date('bars.bar_start_ts', *session) }} as session_date,
            bars.bar_start_ts,
            bars.high_price_int // contract_day.tick_int as high_tick,
            bars.low_price_int // contract_day.tick_int as low_tick,
            bars.close_price_int // contract_day.tick_int as close_tick
        from {{ ref('bars') }} as bars
        cross join {{ contract_day }} as contract_day
        where
            bars.symbol = {{ partition_value('symbol') }}
            and bars.bar_s = {{ var('bar_lengths_s') | min }}
            and (
                bars.dt = {{ partition_value('dt') }}
                or bars.dt in (select unnest(days.earlier_dts) from {{ earlier_dts }} as days)
            )
    ),

    sessions as (
        select
            session_date,
            max(high_tick) as high_tick,
            min(low_tick) as low_tick,
            arg_max(close_tick, bar_start_ts) as close_tick
        from bars_of_sessions
        group by session_date
    ),

    -- a moment belongs to the session of what ended at it
    sessions_of_moments as (
        select
            moments.moment_ts,
            {{ globex_session_date('(moments.moment_ts - interval 1 microsecond)', *session) }}
                as session_date
        from {{ moments }} as moments
        cross join {{ contract_day }} as contract_day
    ),

    session_bounds as (
        select
            days.session_date,
            {{ globex_bounds_utc('days.session_date', *session) }} as bounds
        from (select distinct session_date from sessions_of_moments) as days
        cross join {{ contract_day }} as contract_day
    ),

    before as (
        select
            session_bounds.session_date,
            session_bounds.bounds.start_ts as available_from_ts,
            sessions.high_tick,
            sessions.low_tick,
            sessions.close_tick
        from session_bounds
        asof inner join sessions on session_bounds.session_date > sessions.session_date
        where
            sessions.session_date
            >= session_bounds.session_date - {{ var('prior_session_max_age_days') }}
    )

    select
        sessions_of_moments.moment_ts,
        definitions.level_id,
        definitions.priority,
        cast(case definitions.edge
            when 'high' then before.high_tick
            when 'low' then before.low_tick
            else before.close_tick
        end as double) as level_ticks,
        before.available_from_ts
    from sessions_of_moments
    inner join before on sessions_of_moments.session_date = before.session_date
    cross join {{ definitions }} as definitions
    where
        definitions.level_kind = 'prior'
        and sessions_of_moments.moment_ts >= before.available_from_ts
{%- endmacro %}
