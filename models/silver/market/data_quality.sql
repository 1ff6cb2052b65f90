-- noqa: disable=LT02
{{ partitioned_by('published_book_1s', storage='table') }}

with

seconds as (
    select * from {{ ref('published_book_1s') }}
    where {{ in_partition() }}
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    arg_max(resolution_s, window_start_ts) as resolution_s,
    max(levels_published) as levels_published,
    sum(order_count_rows) > 0 as has_order_counts,
    cast(sum(n_states) as bigint) as update_count,
    sum(n_one_sided) / nullif(sum(n_states), 0) as one_sided_share,
    cast(sum(n_records) as bigint) as record_count
from seconds
