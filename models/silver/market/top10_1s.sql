-- noqa: disable=LT02
{{ partitioned_by('market_book_1s', storage='view') }}

with seconds as (
    select * from {{ ref('market_book_1s') }}
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    source,
    is_valid_end as is_valid,
    {% for name in book_level_names() %}
        {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from seconds
