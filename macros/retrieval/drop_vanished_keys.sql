{# Post-hook: rows whose key the relation of inputs no longer has leave the model. #}
{% macro drop_vanished_keys(key, inputs) -%}
    delete from {{ this }}
    where {{ key }} not in (select {{ key }} from {{ inputs }})
{%- endmacro %}
