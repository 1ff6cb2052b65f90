{# UTC timestamp at which the session of a date opens, see product_session_date. #}
{% macro product_session_start(session_date, open_local, close_local, zone) -%}
    {{ utc_of_local(
        session_date ~ ' - cast(' ~ open_local ~ ' >= ' ~ close_local ~ ' as integer) + '
        ~ open_local, zone
    ) }}
{%- endmacro %}
