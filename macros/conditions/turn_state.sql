{#
    The state of the four conditions, from columns whose names begin with `prefix`; NULL if the
    known conditions do not determine it.
#}
{% macro turn_state(prefix) -%}
    {%- set ahead = prefix ~ 'ahead_withdraws' -%}
    {%- set behind = prefix ~ 'behind_withdraws' -%}
    {%- set any_met -%}
        ({{ prefix }}c1 or {{ prefix }}c2 or {{ prefix }}c3 or {{ prefix }}c4)
    {%- endset -%}
    case
        when {{ ahead }} and {{ behind }} then 'all_four'
        when {{ ahead }} and not {{ behind }} then 'ahead_only'
        when {{ behind }} and not {{ ahead }} then 'behind_only'
        when not {{ any_met }} then 'none'
        when not {{ ahead }} and not {{ behind }} and {{ any_met }} then 'partial'
    end
{%- endmacro %}
