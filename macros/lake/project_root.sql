{# Absolute path of the project's directory. #}
{% macro project_root() -%}
    {%- set root = invocation_args_dict['project_dir'] | string -%}
    {%- if not root.startswith('/') -%}
        {{ exceptions.raise_compiler_error(
            "--project-dir must be an absolute path, not '" ~ root ~ "'"
        ) }}
    {%- endif -%}
    {{ return(root) }}
{%- endmacro %}
