-- noqa: disable=LT02
{{ partitioned_by(
    'contract_days.market_fingerprint',
    storage='table',
    kernel='fingerprints',
    files=['iceberg_1s'],
) }}

with windows as (
    select * from {{ kernel_output('windows') }}
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    make_timestamp((windows.window_end_s - 5) * 1000000) as window_start_ts,
    make_timestamp(windows.window_end_s * 1000000) as window_end_ts,
    windows.side,
    {% for name, data_type in fingerprint_measures() %}
        windows.{{ name }}{{ "," if not loop.last }}
    {% endfor %}
from windows
order by windows.window_end_s, windows.side
