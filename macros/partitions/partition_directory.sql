{# Where the Parquet files of a partitioned relation lie. #}
{% macro partition_directory() -%}
    {{ lake_root() }}/silver/relations/{{ this.identifier }}
{%- endmacro %}
