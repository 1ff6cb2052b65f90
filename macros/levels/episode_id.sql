{#
    Name of an episode, {symbol}_{dt}_{level_id}_{up|down}_{epoch second of its first window's end}.
#}
{% macro episode_id(symbol, dt, level_id, approach_dir, first_window_end_ts) -%}
    format(
        '{}_{}_{}_{}_{}',
        {{ symbol }},
        strftime({{ dt }}, '%Y-%m-%d'),
        {{ level_id }},
        replace({{ approach_dir }}, 'approach_', ''),
        cast(epoch({{ first_window_end_ts }}) as bigint)
    )
{%- endmacro %}
