{#
    Query of the landed partition that the book of a contract-day is made of: market by order where
    it is landed, else market by price.
#}
{% macro book_partitions(manifest) -%}
    select
        symbol,
        dt,
        root,
        tick_int,
        content_hash,
        landed_path,
        if(dataset_key = 'bronze.future_mbo.mbo', 'mbo', 'mbp10') as book_source
    from {{ manifest }}
    where dataset_key in ('bronze.future_mbo.mbo', 'bronze.future.market_by_price_10')
    qualify row_number() over (partition by symbol, dt order by book_source) = 1
{%- endmacro %}
