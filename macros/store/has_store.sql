{# Whether the build shares its partitions, see SPYMASTER_STORE. #}
{% macro has_store() -%}
    {{ return(env_var('SPYMASTER_STORE', '') != '') }}
{%- endmacro %}
