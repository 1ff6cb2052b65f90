{% set lookback = var('calibration_lookback') %}
{% set min_sessions = var('calibration_min_sessions') %}

with

selection as (
    select
        root,
        session_date,
        selected_symbol
    from {{ ref('mbo_contract_day_selection') }}
),

versions as (
    select * from {{ partition_versions('vacuum_metrics_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

counts as (
    select distinct
        symbol,
        dt
    from {{ ref('vacuum_metric_counts') }}
),

count_versions as (
    select * from {{ partition_versions('vacuum_metric_counts') }}
),

-- of days with options
gex_versions as (
    select * from {{ partition_versions('gex_surface_1s') }}
),

gex_count_versions as (
    select * from {{ partition_versions('gex_metric_counts') }}
),

-- sessions with at least one valid study second of the selected contract
sessions as (
    select
        selection.root,
        counts.symbol,
        counts.dt,
        concat_ws('|', count_versions.input_fingerprint, gex_count_versions.input_fingerprint)
            as input_fingerprint
    from selection
    inner join counts
        on
            selection.selected_symbol = counts.symbol
            and selection.session_date = counts.dt
    inner join count_versions
        on
            counts.symbol = count_versions.symbol
            and counts.dt = count_versions.dt
    left join gex_count_versions
        on
            counts.symbol = gex_count_versions.symbol
            and counts.dt = gex_count_versions.dt
),

days as (
    select distinct
        contract_days.root,
        versions.dt
    from versions
    inner join contract_days
        on
            versions.symbol = contract_days.symbol
            and versions.dt = contract_days.dt
),

earlier_sessions as (
    select
        days.root,
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
        row_number() over (partition by days.root, days.dt order by sessions.dt desc)
        <= {{ lookback }}
),

lookbacks as (
    select
        root,
        dt,
        count(*) as session_count,
        list(
            struct_pack(symbol := session_symbol, dt := session_date)
            order by session_date
        ) as sessions,
        string_agg(input_fingerprint, '|' order by session_date) as fingerprints
    from earlier_sessions
    group by root, dt
),

-- a date without a session of its own (a Sunday, a holiday) holds the evening of the next one
chosen as (
    select
        days.root,
        days.dt,
        arg_min_null(selection.selected_symbol, selection.session_date) as selected_symbol
    from days
    inner join selection
        on
            days.root = selection.root
            and days.dt <= selection.session_date
            and days.dt + 1 >= selection.session_date
    group by days.root, days.dt
),

modes as (
    select
        days.root,
        days.dt,
        chosen.selected_symbol,
        concat_ws('|', versions.input_fingerprint, gex_versions.input_fingerprint)
            as own_fingerprint,
        lookbacks.sessions,
        lookbacks.fingerprints,
        coalesce(lookbacks.session_count, 0) as session_count,
        {% if var('calibration_mode') == 'auto' %}
            case
                when lookbacks.session_count >= {{ min_sessions }} then 'prior_sessions'
                else 'intraday_expanding'
            end
        {% elif var('calibration_mode') in ['prior_sessions', 'intraday_expanding'] %}
            '{{ var("calibration_mode") }}'
        {% else %}
            {{ exceptions.raise_compiler_error(
                "calibration_mode is auto, prior_sessions or intraday_expanding, not '"
                ~ var('calibration_mode') ~ "'"
            ) }}
        {% endif %} as calibration_mode
    from days
    left join lookbacks
        on
            days.root = lookbacks.root
            and days.dt = lookbacks.dt
    left join chosen
        on
            days.root = chosen.root
            and days.dt = chosen.dt
    left join versions
        on
            chosen.selected_symbol = versions.symbol
            and days.dt = versions.dt
    left join gex_versions
        on
            chosen.selected_symbol = gex_versions.symbol
            and days.dt = gex_versions.dt
)

select
    root,
    dt,
    selected_symbol,
    calibration_mode,
    case when calibration_mode = 'prior_sessions' then sessions else [] end as sessions,
    cast(case when calibration_mode = 'prior_sessions' then session_count else 0 end as integer)
        as lookback_sessions,
    md5(
        calibration_mode || '|' || coalesce(
            case
                when calibration_mode = 'prior_sessions' then fingerprints
                else selected_symbol || '|' || own_fingerprint
            end,
            ''
        )
    ) as input_fingerprint
from modes
