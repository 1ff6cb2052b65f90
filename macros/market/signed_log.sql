{# Logarithm of a size that keeps its sign: sign(x) * ln(1 + |x|). #}
{% macro signed_log(value) -%}
    sign({{ value }}) * ln(1 + abs({{ value }}))
{%- endmacro %}
