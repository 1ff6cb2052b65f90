{# True in Jinja for a measure that looks back over the last minute. #}
{% macro is_fingerprint_of_minute(name) -%}
    {{ return(name.startswith('periodicity_') or name.endswith('_null_q95')) }}
{%- endmacro %}
