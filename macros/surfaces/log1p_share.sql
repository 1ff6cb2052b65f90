{# ln(1 + part / (whole + smoothing)): the added 1 keeps it finite. #}
{% macro log1p_share(part, whole, smoothing=1) -%}
    ln(1 + {{ part }} / ({{ whole }} + {{ smoothing }}))
{%- endmacro %}
