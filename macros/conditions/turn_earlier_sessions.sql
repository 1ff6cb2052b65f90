{#
    Query of the earlier sessions that define the usual sizes of the measures of a contract-day.

    - sizes, flows_1s: the relations of the sizes and of the sums that they come from.
    - is_known: condition on a row of flows_1s that has sums.
    - quality: the relation of the resolution of a contract-day, where only sessions with that of
      the last one, in whole seconds, count: the day's own is known at its end.
#}
{% macro turn_earlier_sessions(sizes, flows_1s, is_known, quality=none) -%}
{% set mode = var('calibration_mode') %}

with

versions as (
    select * from {{ partition_versions(sizes) }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

selection as (
    select
        root,
        session_date,
        selected_symbol
    from {{ ref('mbo_contract_day_selection') }}
),

known_days as (
    select distinct
        symbol,
        dt
    from {{ ref(flows_1s) }}
    where {{ is_known }}
),

days as (
    select
        versions.symbol,
        versions.dt,
        contract_days.root,
        versions.input_fingerprint
    from versions
    inner join contract_days
        on
            versions.symbol = contract_days.symbol
            and versions.dt = contract_days.dt
),

sessions as (
    select days.*
    from days
    inner join known_days
        on
            days.symbol = known_days.symbol
            and days.dt = known_days.dt
    inner join selection
        on
            days.root = selection.root
            and days.symbol = selection.selected_symbol
            and days.dt = selection.session_date
),
{% if quality %}

paces as (
    select
        symbol,
        dt,
        round(resolution_s) as pace_s
    from {{ ref(quality) }}
),

sessions_of_days as (
    select
        days.symbol,
        days.dt,
        sessions.symbol as session_symbol,
        sessions.dt as session_date,
        sessions.input_fingerprint
    from days
    inner join sessions
        on
            days.root = sessions.root
            and days.dt > sessions.dt
    inner join paces
        on
            sessions.symbol = paces.symbol
            and sessions.dt = paces.dt
    qualify
        paces.pace_s = first_value(paces.pace_s) over (
            partition by days.symbol, days.dt
            order by sessions.dt desc
        )
),

earlier_sessions as (
    select *
    from sessions_of_days
    qualify
        row_number() over (partition by symbol, dt order by session_date desc)
        <= {{ var('calibration_lookback') }}
),
{%- else %}

earlier_sessions as (
    select
        days.symbol,
        days.dt,
        sessions.symbol as session_symbol,
        sessions.dt as session_date,
        sessions.input_fingerprint
    from days
    inner join sessions
        on
            days.root = sessions.root
            and days.dt > sessions.dt
    qualify
        row_number() over (partition by days.symbol, days.dt order by sessions.dt desc)
        <= {{ var('calibration_lookback') }}
),
{%- endif %}

lookbacks as (
    select
        symbol,
        dt,
        count(*) as session_count,
        list(
            struct_pack(symbol := session_symbol, dt := session_date)
            order by session_date
        ) as sessions,
        string_agg(input_fingerprint, '|' order by session_date) as fingerprints
    from earlier_sessions
    group by symbol, dt
),

modes as (
    select
        days.symbol,
        days.dt,
        days.input_fingerprint as own_fingerprint,
        lookbacks.sessions,
        lookbacks.fingerprints,
        coalesce(lookbacks.session_count, 0) as session_count,
        {% if mode == 'auto' %}
            case
                when lookbacks.session_count >= {{ var('calibration_min_sessions') }}
                    then 'prior_sessions'
                else 'intraday_expanding'
            end
        {% else %}
            '{{ mode }}'
        {% endif %} as calibration_mode
    from days
    left join lookbacks
        on
            days.symbol = lookbacks.symbol
            and days.dt = lookbacks.dt
)

select
    symbol,
    dt,
    calibration_mode,
    case when calibration_mode = 'prior_sessions' then coalesce(sessions, []) else [] end
        as sessions,
    cast(case when calibration_mode = 'prior_sessions' then session_count else 0 end as integer)
        as lookback_sessions,
    -- a second is also scored by the flows of its own day
    md5(concat_ws(
        '|',
        calibration_mode,
        own_fingerprint,
        case when calibration_mode = 'prior_sessions' then fingerprints end
    )) as input_fingerprint
from modes
{%- endmacro %}
