{#
    A signal of the break score in words, as "up through pm_high rejected: down": the approach, the
    level, what becomes of it, and the direction that follows. NULL where it names no direction.
#}
{% macro signal_means(signal, break_direction, level_id) -%}
    lower({{ break_direction }}) || ' through ' || {{ level_id }}
    || case {{ signal }} when 'BREAK' then ' breaks: ' when 'REJECT' then ' rejected: ' end
    || lower({{ implied_dir(signal, break_direction) }})
{%- endmacro %}
