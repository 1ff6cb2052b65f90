{# File with the rows of a partition, a row of the plan, on their way from or to the store. #}
{% macro stored_rows(values) -%}
    {{ return(
        kernel_folders() ~ '-stored/' ~ values['partition_owner'] ~ '-'
        ~ values['partition_date'] ~ '.parquet'
    ) }}
{%- endmacro %}
