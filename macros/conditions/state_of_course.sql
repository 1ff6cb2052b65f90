{#
    The state of the four conditions seen by a course: its direction says which side is ahead, also
    once price stands past the level. `level_side` is the side the state was read from.
#}
{% macro state_of_course(state, level_side, direction) -%}
    case
        when {{ level_side }} = if({{ direction }} = 'up', 1, -1) then {{ state }}
        when {{ state }} = 'ahead_only' then 'behind_only'
        when {{ state }} = 'behind_only' then 'ahead_only'
        else {{ state }}
    end
{%- endmacro %}
