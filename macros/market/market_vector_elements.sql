{# Elements of a market feature vector in their order, a mapping of name to SQL. #}
{% macro market_vector_elements() -%}
    {%- set elements = dict(market_features()) -%}
    {%- do elements.update(option_market_features()) -%}
    {{ return(elements) }}
{%- endmacro %}
