{# Whether other processes make partitions, see SPYMASTER_WORKERS and SPYMASTER_ON. #}
{% macro has_workers() -%}
    {{ return(env_var('SPYMASTER_WORKERS', '') != '' or env_var('SPYMASTER_ON', '') != '') }}
{%- endmacro %}
