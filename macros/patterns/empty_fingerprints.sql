{# Statement that writes fingerprint files without rows, which give the columns. #}
{% macro empty_fingerprints() -%}
    {{ fingerprints_call('null', 1, 0, 'null') }}
{%- endmacro %}
