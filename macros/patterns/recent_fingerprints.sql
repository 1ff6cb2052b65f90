{#
    Definition of a window for `is_requoting`, `requoting_ms`, `is_withdrawing` and `is_reacting`:
    the rows of order_fingerprints_5s of a contract-day's side over the last var algorithms.over_s
    seconds, this one included.
#}
{% macro recent_fingerprints() -%}
    partition by symbol, dt, side
    order by window_end_ts
    range between interval {{ var('algorithms')['over_s'] - 5 }} second preceding and current row
{%- endmacro %}
