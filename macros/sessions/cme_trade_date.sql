{#
    Exchange trade date of a UTC timestamp: the date turns at var trade_date_roll in
    trade_date_tz. For open interest and settlement only. Weekends and holidays are not skipped:
    Friday after the roll is Saturday.
#}
{% macro cme_trade_date(ts) -%}
    cast(
        {{ local_of_utc(ts, "'" ~ var('trade_date_tz') ~ "'") }}
        - interval '{{ var('trade_date_roll') }}' + interval 1 day
        as date
    )
{%- endmacro %}
