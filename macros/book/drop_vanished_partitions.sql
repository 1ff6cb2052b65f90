{# Post-hook of book_engine_manifest: removes contract-days that are no longer landed. #}
{% macro drop_vanished_partitions() -%}
    delete from {{ this }}
    where partition_key not in (select partition_key from {{ ref('book_engine_input') }})
{%- endmacro %}
