{#
    Product root of an outright future's symbol (root, month letter, one or two digits of the
    year): ES of ESZ5. NULL for anything else, a spread for example.
#}
{% macro root_of(symbol) -%}
    nullif(regexp_extract({{ symbol }}, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
{%- endmacro %}
