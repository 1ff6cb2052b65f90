{#
    Query of the open parts of the sessions within each UTC day of `days` (symbol, dt,
    root): symbol, dt, interval_no, open_ts, close_ts, is_open_at_start. Session days are Monday to
    Friday; the closures in `holidays` are cut out. The parts of a session start at its open and
    at the end of each closure, and run to the next closure or the close. A product with a calendar
    has the calendar's intervals. The arguments are relations; `instruments` and `holidays` have the
    columns of the seeds.
#}
{% macro globex_intervals(days, instruments, holidays) -%}
    with

    symbol_days as (
        select distinct
            symbol,
            dt,
            root,
            cast(dt as timestamp) as day_start_ts,
            cast(dt as timestamp) + interval 1 day as day_end_ts
        from {{ days }}
    ),

    -- a product with a calendar has the calendar's own closures
    calendar_sessions as (
        select
            symbol_days.*,
            unnest(market_sessions(
                instruments.calendar,
                instruments.session_tz,
                symbol_days.dt - 1,
                symbol_days.dt + 1
            )) as session
        from symbol_days
        inner join {{ instruments }} as instruments
            on symbol_days.root = instruments.root
        where instruments.calendar is not null
    ),

    closures as (
        select
            market_holidays.root,
            {{ utc_of_local('market_holidays.closed_from_local', 'instruments.session_tz') }}
                as closed_from_ts,
            {{ utc_of_local('market_holidays.closed_to_local', 'instruments.session_tz') }}
                as closed_to_ts
        from {{ holidays }} as market_holidays
        inner join {{ instruments }} as instruments
            on market_holidays.root = instruments.root
    ),

    -- a session that touches a UTC day is dated at most one day away from it
    session_dates as (
        select
            symbol_days.*,
            symbol_days.dt + day_offsets.day_offset as session_date
        from symbol_days
        cross join (values (-1), (0), (1)) as day_offsets (day_offset)
    ),

    sessions as (
        select
            session_dates.*,
            {{ globex_bounds_utc(
                'session_dates.session_date',
                'instruments.session_open_local',
                'instruments.session_close_local',
                'instruments.session_tz'
            ) }} as bounds
        from session_dates
        inner join {{ instruments }} as instruments
            on session_dates.root = instruments.root
        where isodow(session_dates.session_date) <= 5 and instruments.calendar is null
    ),

    starts as (
        select
            sessions.*,
            sessions.bounds.start_ts as part_start_ts,
            sessions.bounds.end_ts as session_end_ts
        from sessions
        union
        select
            sessions.*,
            closures.closed_to_ts as part_start_ts,
            sessions.bounds.end_ts as session_end_ts
        from sessions
        inner join closures
            on
                sessions.root = closures.root
                and sessions.bounds.start_ts < closures.closed_to_ts
                and sessions.bounds.end_ts > closures.closed_to_ts
    ),

    open_starts as (
        select starts.*
        from starts
        anti join closures
            on
                starts.root = closures.root
                and starts.part_start_ts >= closures.closed_from_ts
                and starts.part_start_ts < closures.closed_to_ts
    ),

    parts as (
        select
            open_starts.symbol,
            open_starts.dt,
            open_starts.day_start_ts,
            open_starts.day_end_ts,
            open_starts.part_start_ts,
            -- least ignores the NULL of a session without a later closure
            least(open_starts.session_end_ts, min(closures.closed_from_ts)) as part_end_ts
        from open_starts
        left join closures
            on
                open_starts.root = closures.root
                and open_starts.part_start_ts < closures.closed_from_ts
        group by
            open_starts.symbol,
            open_starts.dt,
            open_starts.day_start_ts,
            open_starts.day_end_ts,
            open_starts.part_start_ts,
            open_starts.session_end_ts
        union all
        select
            symbol,
            dt,
            day_start_ts,
            day_end_ts,
            session.open_ts as part_start_ts,
            session.close_ts as part_end_ts
        from calendar_sessions
    ),

    clipped as (
        select
            symbol,
            dt,
            greatest(part_start_ts, day_start_ts) as open_ts,
            least(part_end_ts, day_end_ts) as close_ts,
            part_start_ts < day_start_ts as is_open_at_start
        from parts
        where part_start_ts < day_end_ts and part_end_ts > day_start_ts
    )

    select
        symbol,
        dt,
        cast(row_number() over (partition by symbol, dt order by open_ts) as integer)
            as interval_no,
        open_ts,
        close_ts,
        is_open_at_start
    from clipped
{%- endmacro %}
