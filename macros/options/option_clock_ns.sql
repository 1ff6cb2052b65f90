{#
    Time on the clock of options at a UTC timestamp, ns: `clock` is the row of option_clock with
    the greatest runs_from_ts at or before it; 0 before the first interval.
#}
{% macro option_clock_ns(ts, clock) -%}
    coalesce(
        {{ clock }}.clock_ns
        + least(epoch_ns({{ ts }}), epoch_ns({{ clock }}.runs_to_ts))
        - epoch_ns({{ clock }}.runs_from_ts),
        0
    )
{%- endmacro %}
