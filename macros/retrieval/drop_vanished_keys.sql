{# Post-hook: delete rows whose key the relation of inputs lacks. #}
{% macro drop_vanished_keys(key, inputs) -%}
    delete from {{ this }}
    where {{ key }} not in (select {{ key }} from {{ inputs }})
{%- endmacro %}
