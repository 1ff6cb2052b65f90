{#
    Query of the trades of options of the partition that is being built: option_symbol, ts_event and
    net_qty, contracts, positive where a buyer and negative where a seller was the aggressor. The
    caller names the relation `inputs`, a row of gex_input. Landed trades go before those among the
    records of the order books.
#}
{% macro option_aggressive_trades() -%}
    select
        option_symbol,
        ts_event,
        cast(aggressor * size as bigint) as net_qty
    from {{ ref('option_trades') }}
    where {{ in_partition() }}
    union all
    select
        option_symbol,
        ts_event,
        cast(case side when 'B' then size when 'A' then -size else 0 end as bigint) as net_qty
    from {{ ref('option_mbo') }}
    where
        {{ in_partition() }}
        and action = 'T'
        and (select inputs.trade_source from inputs) = 'mbo'
{%- endmacro %}
