select
    symbol || '|' || strftime(dt, '%Y-%m-%d') as partition_key,
    symbol,
    dt,
    root,
    tick_int,
    book_source,
    book_content_hash as input_content_hash,
    book_path as landed_path,
    trading_intervals,
    surface_windows,
    option_windows,
    stale_after_s,
    {{ is_selected_partition('symbol', 'dt') }} as is_selected
from {{ ref('contract_days') }}
where book_source is not null
