{#
    Date of the session that a UTC timestamp belongs to. One that opens the evening before, as its
    open is not before its close, makes Sunday evening Monday's; else it is the local date. The
    arguments after the timestamp are the session columns of seed instruments. Uses the clock alone:
    the hour between close and open belongs to the session just closed, and Saturday has its own
    date.
#}
{% macro globex_session_date(ts, open_local, close_local, zone) -%}
    (
        cast({{ local_of_utc(ts, zone) }} as date)
        + cast(
            {{ open_local }} >= {{ close_local }}
            and cast({{ local_of_utc(ts, zone) }} as time) >= {{ open_local }} as integer
        )
    )
{%- endmacro %}
