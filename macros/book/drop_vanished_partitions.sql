{# Post-hook of book_engine_manifest: removes contract-days that are no longer landed. #}
{% macro drop_vanished_partitions() -%}
    delete from {{ this }}
    where (symbol, dt) not in (
        select (symbol, dt) from {{ ref('contract_days') }} where book_source is not null
    )
{%- endmacro %}
