{# Write the macros that list files below the lake, a list by each name. #}
{% macro put_lists_of_files(files) -%}
    {%- for name, paths in files.items() -%}
        {%- do run_query(
            'create or replace macro ' ~ list_of_files(name) ~ ' as list_transform('
            ~ sql_list(paths) ~ ', file -> meta.lake_file(file))'
        ) -%}
    {%- endfor -%}
{%- endmacro %}
