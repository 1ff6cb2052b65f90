-- noqa: disable=LT09
{{ config(materialized='table') }}

{% set rows = own_level_rows() %}

with

given (name, symbol_or_root, price, known_from_ts, until_ts, note) as (
    {% if rows %}
        values
        {% for row in rows %}
            (
                '{{ row["name"] }}',
                '{{ row["symbol_or_root"] }}',
                {{ row["price"] }},
                timestamp '{{ row["known_from_ts"] }}',
                {{ "timestamp '" ~ row["until_ts"] ~ "'" if row["until_ts"] else "null" }},
                {{ "'" ~ row["note"] | replace("'", "''") ~ "'" if row["note"] else "null" }}
            ){{ "," if not loop.last }}
        {% endfor %}
    {% else %}
        select null, null, null, null, null, null
        where false
    {% endif %}
)

select
    'own:' || cast(name as varchar) as level_id,
    cast(symbol_or_root as varchar) as symbol_or_root,
    cast(round(price * {{ price_scale() }}) as bigint) as level_price_int,
    cast(price as double) as level_price,
    cast(known_from_ts as timestamp) as known_from_ts,
    cast(until_ts as timestamp) as until_ts,
    cast(note as varchar) as note
from given
order by level_id, symbol_or_root
