{# In a partitioned model: the name of a file of the partition being built, as a literal. #}
{% macro partition_file_name(name) -%}
    parse_filename(split_part(
        {{ partition_value('partition_files') }}, chr(10), {{ names_of_files().index(name) + 1 }}
    ))
{%- endmacro %}
