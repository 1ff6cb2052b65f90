{#
    Product root of a symbol: an equity's symbol is its root; of an outright future (root, month
    letter, one or two digits of the year) ES of ESZ5. NULL for anything else, a spread for example.
#}
{% macro root_of(symbol) -%}
    {%- set future_root -%}
        nullif(regexp_extract({{ symbol }}, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
    {%- endset -%}
    {%- set equities = equity_roots() -%}
    {%- if equities -%}
        case
            when {{ symbol }} in {{ sql_list(equities) }} then {{ symbol }}
            else {{ future_root }}
        end
    {%- else -%}
        {{ future_root }}
    {%- endif -%}
{%- endmacro %}
