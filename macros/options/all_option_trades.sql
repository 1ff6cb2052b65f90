{#
    Query of the option trades of the partition being built, from any landed source:
    option_symbol, ts_event, ts_recv, price_int, size and aggressor (1 a buyer, -1 a seller, 0
    neither). The caller names the relation `inputs`, a row of gex_settings, whose trade_source
    names one of the three sources.
#}
{% macro all_option_trades() -%}
    select
        option_symbol,
        ts_event,
        ts_recv,
        price_int,
        size,
        aggressor
    from {{ ref('option_trades') }}
    where {{ in_partition() }}
    union all
    select
        option_symbol,
        ts_event,
        ts_recv,
        price_int,
        size,
        cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor
    from {{ ref('option_mbo') }}
    where
        {{ in_partition() }}
        and action = 'T'
        and (select inputs.trade_source from inputs) = 'mbo'
    union all
    select
        option_symbol,
        ts_event,
        ts_recv,
        price_int,
        size,
        aggressor
    from {{ ref('option_quote_trades') }}
    where
        {{ in_partition() }}
        and (select inputs.trade_source from inputs) = 'mbp-1'
{%- endmacro %}
