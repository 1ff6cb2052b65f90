{# Whether some records of the lake lie outside of it, see SPYMASTER_BRONZE. #}
{% macro has_remote_bronze() -%}
    {{ return(run_query('select has_remote_bronze()').columns[0].values()[0]) }}
{%- endmacro %}
