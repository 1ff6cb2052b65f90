{#
    Whether an algorithm quotes anew after a fixed delay: more than var algorithms.requote_share of
    the recent windows with enough re-quotes have the same median delay. NULL where too few are
    known. See `requoting_ms` for the delay; `recent` is a window defined by `recent_fingerprints`.
#}
{% macro is_requoting(recent='recent') -%}
    {{ repeated_delay(recent) }}.spread <= 1
{%- endmacro %}
