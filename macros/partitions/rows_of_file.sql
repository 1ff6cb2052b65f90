{# A relation over the file of one partition, with the columns of the model. #}
{% macro rows_of_file(file) -%}
    {{ return(
        '(select ' ~ stored_columns() ~ " from read_parquet('" ~ file
        ~ "', hive_partitioning = false))"
    ) }}
{%- endmacro %}
