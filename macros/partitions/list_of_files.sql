{# Call of the macro that lists the files of a relation's partitions. #}
{% macro list_of_files(name) -%}
    {{ return('meta.files_of_' ~ name ~ '()') }}
{%- endmacro %}
