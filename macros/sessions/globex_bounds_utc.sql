{#
    Struct {start_ts, end_ts} in UTC of the session of a date: it opens the evening before when the
    open is not before the close.
    The arguments after the date are the session columns of seed instruments.
#}
{% macro globex_bounds_utc(session_date, open_local, close_local, zone) -%}
    {
        'start_ts': {{ utc_of_local(
            session_date ~ " - cast(" ~ open_local ~ " >= " ~ close_local ~ " as integer) + "
            ~ open_local,
            zone
        ) }},
        'end_ts': {{ utc_of_local(session_date ~ " + " ~ close_local, zone) }}
    }
{%- endmacro %}
