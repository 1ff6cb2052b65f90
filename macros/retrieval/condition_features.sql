{#
    Features of the four conditions, a mapping of name to SQL over conditions_in_use_1s at the
    decision: whether all four, only those ahead or only those behind held within the last seconds,
    and their four measures over the usual size. A linear model of the measures alone could not
    separate all four from two.
#}
{% macro condition_features() -%}
    {%- set features = {} -%}
    {%- for state in ['all_four', 'ahead_only', 'behind_only'] -%}
        {%- do features.update({
            state: "cast(turn_states.recent_state = '" ~ state ~ "' as integer)"
        }) -%}
    {%- endfor -%}
    {%- set sides = {'ahead': [1, -1], 'behind': [-1, 1]} -%}
    {%- for role, senses in sides.items() -%}
        {%- do features.update({
            role ~ '_retreat_z': 'case turn_states.level_side when ' ~ senses[0]
                ~ ' then turn_states.asks_retreat_z when ' ~ senses[1]
                ~ ' then turn_states.bids_recede_z end',
            role ~ '_pull_z': 'case turn_states.level_side when ' ~ senses[0]
                ~ ' then turn_states.asks_pull_z when ' ~ senses[1]
                ~ ' then turn_states.bids_pull_z end'
        }) -%}
    {%- endfor -%}
    {{ return(features) }}
{%- endmacro %}
