{# Folder of the temporary files of a model's kernel, those of the partition being built. #}
{% macro kernel_folder() -%}
    {{ lake_root() }}/.spymaster-scratch/{{ model.name }}
{%- endmacro %}
