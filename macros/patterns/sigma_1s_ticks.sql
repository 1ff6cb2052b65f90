{#
    Standard deviation of the one-second changes of the mid in ticks, from their number, sum and sum
    of squares in half ticks; NULL below sigma_min_changes. The sums are integers, so that the order
    of summing does not matter.
#}
{% macro sigma_1s_ticks(change_count, change_sum, square_sum) -%}
    case
        when {{ change_count }} >= {{ var('sigma_min_changes') }}
            then sqrt(
                ({{ change_count }} * {{ square_sum }} - {{ change_sum }} * {{ change_sum }})
                / ({{ change_count }} * ({{ change_count }} - 1))
            ) / 2
    end
{%- endmacro %}
