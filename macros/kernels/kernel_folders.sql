{# Folder of all temporary files of a model's kernel. #}
{% macro kernel_folders() -%}
    {{ lake_root() }}/.spymaster-scratch/{{ model.name }}
{%- endmacro %}
