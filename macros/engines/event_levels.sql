{#
    The levels whose distances are columns of an event, whichever are in use: ranges, then moving
    averages from the shortest to the longest.
#}
{% macro event_levels() -%}
    {{ return(['pm_high', 'pm_low', 'or_high', 'or_low', 'sma_90', 'sma_200', 'sma_400']) }}
{%- endmacro %}
