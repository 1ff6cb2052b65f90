-- noqa: disable=LT02
{{ partitioned_by('contract_days.market_fingerprint', kernel='market_seconds') }}

with

seconds as (
    select * from {{ kernel_output('seconds') }}
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    make_timestamp(window_s * 1000000) as window_start_ts,
    window_start_ts + interval 1 second as window_end_ts,
    source,
    source = {{ partition_value('book_source') }} as is_in_use,
    is_valid_end,
    valid_ns,
    update_count,
    one_sided_count,
    depth_l1_ns,
    depth_l10_ns,
    ofi_price as ofi_price_10t,
    {% for level in range(10) %}
        ofi_{{ '%02d' | format(level) }},
    {% endfor %}
    {% for name in time_weighted_names() %}
        {{ name }}_ns,
    {% endfor %}
    {% for band in market_bands() %}
        depth_imbalance_{{ band }}_known_ns,
        {% for side in ['bid', 'ask'] %}
            {% for part in ['qty', 'qty_ns', 'unknown_ns'] %}
                depth_{{ side }}_{{ band }}_{{ part }},
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {% for name in book_level_names() %}
        {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from seconds
