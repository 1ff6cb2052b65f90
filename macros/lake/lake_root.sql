{# Absolute path of the lake root, so that published views work from any working directory. #}
{% macro lake_root() -%}
    {%- set configured = env_var('SPYMASTER_LAKE', '') -%}
    {%- set root = configured or flags.PROJECT_DIR ~ '/lake' -%}
    {%- if configured and not configured.startswith('/') -%}
        {{ exceptions.raise_compiler_error(
            "SPYMASTER_LAKE must be an absolute path, not '" ~ configured ~ "'"
        ) }}
    {%- endif -%}
    {#- the characters that spymaster/lake.py refuses, for its reasons -#}
    {%- for character in '[]*?\\=\'"{}#' if character in root -%}
        {{ exceptions.raise_compiler_error(
            "the path of a lake cannot hold the character " ~ character ~ ": " ~ root
        ) }}
    {%- endfor -%}
    {{ return(root.rstrip('/')) }}
{%- endmacro %}
