{#
    The delay after which an algorithm quotes anew, ms, where `is_requoting` says that one does;
    NULL elsewhere.
#}
{% macro requoting_ms(recent='recent') -%}
    case when {{ is_requoting(recent) }} then {{ repeated_delay(recent) }}.delay end
{%- endmacro %}
