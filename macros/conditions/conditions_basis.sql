{#
    Form of the four conditions that a contract-day has in conditions_in_use_1s: net where its book
    comes from market by price alone, else orders.
#}
{% macro conditions_basis(book_source) -%}
    if({{ book_source }} = 'mbp10', 'net', 'orders')
{%- endmacro %}
