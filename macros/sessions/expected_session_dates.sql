{#
    Common table expressions up to `calendar`: the dates of sessions of each root between its first
    and its last one, by its own calendar or else Mondays to Fridays without closures, and the dates
    that there are. The arguments are relations: `days` (root, session_date), and two with the
    columns of the seeds.
#}
{% macro expected_session_dates(days, instruments, holidays) -%}
spans as (
    select
        root,
        min(session_date) as first_date,
        max(session_date) as last_date
    from {{ days }}
    group by root
),

weekdays as (
    select
        root,
        cast(unnest(generate_series(first_date, last_date, interval 1 day)) as date)
            as session_date
    from spans
),

-- sessions of a product with a calendar of its own
calendar_sessions as (
    select
        spans.root,
        unnest(market_sessions(
            instruments.calendar, instruments.session_tz, spans.first_date, spans.last_date
        )) as open_session
    from spans
    inner join {{ instruments }} as instruments
        on spans.root = instruments.root
    where instruments.calendar is not null
),

-- expected dates of the trades, and the dates that exist
calendar as (
    select
        weekdays.root,
        weekdays.session_date
    from weekdays
    inner join {{ instruments }} as instruments
        on weekdays.root = instruments.root
    anti join {{ holidays }} as market_holidays
        on
            weekdays.root = market_holidays.root
            and market_holidays.closed_from_local
            <= weekdays.session_date - 1 + instruments.session_open_local
            and market_holidays.closed_to_local
            >= weekdays.session_date + instruments.session_close_local
    where isodow(weekdays.session_date) <= 5 and instruments.calendar is null
    union
    select
        root,
        open_session.session_date
    from calendar_sessions
    union
    select
        root,
        session_date
    from {{ days }}
)
{%- endmacro %}
