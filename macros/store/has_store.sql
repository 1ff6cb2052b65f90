{# Whether the build shares its partitions, see SPYMASTER_STORE. A full refresh computes them. #}
{% macro has_store() -%}
    {{ return(env_var('SPYMASTER_STORE', '') != '' and not should_full_refresh()) }}
{%- endmacro %}
