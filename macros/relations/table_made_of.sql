{#
    Expression of what a whole table is made of: its code, its columns, the versions of what it
    reads, and the code of the functions that SQL calls.
#}
{% macro table_made_of() -%}
    {%- set parts = ["'" ~ model_checksum() ~ "'", 'functions_version()'] -%}
    {%- if files_version(sql) -%}
        {%- do parts.append(files_version(sql)) -%}
    {%- endif -%}
    {%- for unique_id in model.depends_on.nodes if unique_id in graph.nodes -%}
        {%- do parts.append("coalesce(" ~ relation_version(unique_id) ~ ", '')") -%}
    {%- endfor -%}
    {{ return("md5(concat_ws('|', " ~ parts | join(', ') ~ '))') }}
{%- endmacro %}
