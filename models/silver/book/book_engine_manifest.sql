-- noqa: disable=LT02
{{ partitioned_by(
    'contract_days.book_fingerprint',
    storage='table',
    kernel='book_engine',
    files=['book_snapshot_1s', 'wall_surface_1s', 'reprice_flow_1s', 'book_engine_qa'],
) }}

with

summary as (
    select * from {{ kernel_output('book_engine_qa') }}
),

contents as (
    select * from {{ kernel_output('contents') }}
),

counts as (
    select
        {% for relation in kept_outputs() %}
            sum(n_rows) filter (relation = '{{ relation }}') as {{ relation }}_rows
            {{- "," if not loop.last }}
        {% endfor %}
    from contents
)

select
    {{ partition_value('symbol') }} || '|' || '__partition_dt__' as partition_key,
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    summary.engine_version,
    summary.input_content_hash,
    summary.output_content_hash,
    cast({{ var('wall_max_ticks') }} as bigint) as wall_max_ticks,
    cast({{ var('rest_ns') }} as bigint) as rest_ns,
    summary.n_records,
    {% for relation in kept_outputs() %}
        {{ partition_file_name(relation) }} as {{ relation }}_file,
        cast(counts.{{ relation }}_rows as bigint) as {{ relation }}_rows
        {{- "," if not loop.last }}
    {% endfor %}
from summary
cross join counts
