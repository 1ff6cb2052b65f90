with names as (
    select
        unnest(
            ['spread_ticks_eob', 'book_imbalance_l1_eob', 'depth_bid_log_eob', 'depth_ask_log_eob']
        ) as feature_name,
        unnest(['ticks', 'ratio', 'log', 'log']) as scale,  -- noqa: RF04
        unnest(range(4)) as feature_index
)

select
    cast(feature_index as integer) as feature_index,
    feature_name,
    'market' as family,
    scale
from names
order by feature_index
