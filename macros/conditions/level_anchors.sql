{#
    Query of the active levels near spot in the seconds of a contract-day that are looked at.

    - windows: the column of contract_days that names these seconds.
    - path: its column of the landed file without which there are no rows.
#}
{% macro level_anchors(windows, path=none) -%}
with

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where
        {{ in_partition() }}
        and abs(k_ticks) <= {{ var('level_max_k_ticks') }}
),

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }} and is_active
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
)

select
    offsets.symbol,
    offsets.dt,
    snapshot.window_start_ts,
    offsets.window_end_ts,
    offsets.level_id,
    levels.level_tick,
    levels.level_price_int,
    offsets.k_ticks,
    offsets.approach_dir,
    snapshot.window_valid
from offsets
inner join levels
    on
        offsets.window_end_ts = levels.window_end_ts
        and offsets.level_id = levels.level_id
inner join snapshot on offsets.window_end_ts = snapshot.window_end_ts
cross join contract_day
where {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.' ~ windows) }}
{%- if path %}
    and contract_day.{{ path }} is not null
{%- endif %}
order by offsets.level_id, offsets.window_end_ts
{%- endmacro %}
