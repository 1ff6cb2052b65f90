{#
    Date of the Globex session that a UTC timestamp belongs to: the session opens the evening
    before, so Sunday evening is Monday's. The arguments after the timestamp are the session columns
    of seed instruments. Uses the clock alone: the hour between close and open belongs to the
    session just closed, and Saturday has its own date.
#}
{% macro globex_session_date(ts, open_local, zone) -%}
    (
        cast({{ local_of_utc(ts, zone) }} as date)
        + cast(cast({{ local_of_utc(ts, zone) }} as time) >= {{ open_local }} as integer)
    )
{%- endmacro %}
