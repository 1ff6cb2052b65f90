{# Temporary file of the seconds of the partition being built. #}
{% macro market_seconds_file() -%}
    {{ lake_root() }}/.spymaster-scratch/market_seconds.parquet
{%- endmacro %}
