{#
    The outcome at the level that the hypothesis expects of a state; NULL if the state promises no
    move.
#}
{% macro outcome_of_state(state) -%}
    case {{ state }} when 'all_four' then 'REJECT' when 'ahead_only' then 'BREAK' end
{%- endmacro %}
