{#
    Date of the product's session in force at a UTC timestamp, by the clock alone: from its open
    until the next open, weekends and holidays included. A session that opens after its close by the
    clock opens the evening before its date. The arguments after the timestamp are the session
    columns of seed instruments.
#}
{% macro product_session_date(ts, open_local, close_local, zone) -%}
    (
        cast({{ local_of_utc(ts, zone) }} - cast({{ open_local }} as interval) as date)
        + cast({{ open_local }} >= {{ close_local }} as integer)
    )
{%- endmacro %}
