{# Absolute path of the lake root, so that published views work from any working directory. #}
{% macro lake_root() -%}
    {%- set configured = env_var('SPYMASTER_LAKE', '') -%}
    {%- if not configured -%}
        {{ return(project_root() ~ '/lake') }}
    {%- elif not configured.startswith('/') -%}
        {{ exceptions.raise_compiler_error(
            "SPYMASTER_LAKE must be an absolute path, not '" ~ configured ~ "'"
        ) }}
    {%- endif -%}
    {{ return(configured) }}
{%- endmacro %}
