{# Sum of the first n elements of a list, in their order; NULL if one is missing or not known. #}
{% macro sum_of_first(n, elements) -%}
    case
        when list_count({{ elements }}[:{{ n }}]) = {{ n }} then list_sum({{ elements }}[:{{ n }}])
    end
{%- endmacro %}
