{# The column with the fingerprints of a relation, which `relation.column` names. #}
{% macro fingerprint_of(name) -%}
    {{ return((name ~ '.input_fingerprint').split('.')[1]) }}
{%- endmacro %}
