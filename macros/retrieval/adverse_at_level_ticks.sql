{#
    Largest move against what followed at the level before its hit, of a row of level_labels, in
    ticks. Where another barrier was hit before price came to the level, the largest move of the
    whole horizon stands for it. NULL without hit.
#}
{% macro adverse_at_level_ticks(labels) -%}
    case
        when {{ labels }}.outcome_reached = {{ labels }}.outcome
            then {{ labels }}.adverse_before_hit_ticks
        when {{ labels }}.outcome_reached = 'BREAK' then -{{ labels }}.mae_ticks
        when {{ labels }}.outcome_reached = 'REJECT' then {{ labels }}.mfe_ticks
    end
{%- endmacro %}
