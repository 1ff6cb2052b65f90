{#
    Which side of a level a side of the book is: ahead of price (asks of a level above, bids of a
    level below) or behind it. `level_side` is 1 for a level above spot, -1 for a level below.
#}
{% macro side_role(side, level_side) -%}
    case
        when ({{ side }} = 'A') = ({{ level_side }} > 0) then 'ahead'
        when {{ level_side }} != 0 then 'behind'
    end
{%- endmacro %}
