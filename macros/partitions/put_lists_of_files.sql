{#
    Write the macros that list files below the lake, a list by each name, where they list others
    than by the relation's state.
#}
{% macro put_lists_of_files(files, state) -%}
    {%- set listed = hash_of_lists(files) -%}
    {%- if listed != state['contents'] -%}
        {%- for name, paths in files.items() -%}
            {%- do run_statement(
                'create or replace macro ' ~ list_of_files(name) ~ ' as list_transform('
                ~ sql_list(paths) ~ ', file -> meta.lake_file(file))'
            ) -%}
        {%- endfor -%}
        {%- do record_relation(this.identifier, {'contents': "'" ~ listed ~ "'"}) -%}
        {%- do state.update({'contents': listed}) -%}
    {%- endif -%}
{%- endmacro %}
