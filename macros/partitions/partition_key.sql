{# A partition, a row of the plan, as a key. #}
{% macro partition_key(values) -%}
    {{ return(values['partition_owner'] ~ '|' ~ values['partition_date']) }}
{%- endmacro %}
