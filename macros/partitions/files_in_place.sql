{# The files that are there of the partitions in `with_files` of partition_steps, by their names. #}
{% macro files_in_place(steps) -%}
    {%- set files = {} -%}
    {%- for name in names_of_files() -%}
        {%- set paths = [] -%}
        {%- for partition in steps['with_files'].values() if partition['is_there'] -%}
            {%- do paths.append(partition['files'][name]) -%}
        {%- endfor -%}
        {%- do files.update({name: paths}) -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}
