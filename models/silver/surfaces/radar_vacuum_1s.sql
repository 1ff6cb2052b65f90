-- noqa: disable=LT02,LT05,RF02
{{ partitioned_by('vacuum_cells_1s') }}

{% set features = radar_features() %}
{% set extra_features = radar_extra_features() %}

with

cells as (
    select
        *,
        abs(rel_ticks) as distance_ticks,
        {{ distance_bucket('rel_ticks') }} as bucket
    from {{ ref('vacuum_cells_1s') }}
    where {{ in_partition() }} and abs(rel_ticks) <= {{ zone_ticks() }}
),

snapshot as (
    select
        window_start_ts,
        window_end_ts,
        spot_ref_price_int,
        spot_ref_price,
        window_valid,
        case when window_valid then mid_price_int end as mid_price_int
    from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

reprices as (
    select * from {{ ref('reprice_flow_1s') }}
    where {{ in_partition() }} and qty_rest > 0
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

bucket_sums as (
    {{ radar_bucket_sums('cells', ['window_start_ts']) }}
),

book_sums as (
    {{ radar_book_sums('bucket_sums', ['window_start_ts']) }}
),

anchors as (
    select
        snapshot.window_start_ts,
        snapshot.spot_ref_price_int as anchor_price_int,
        contract_day.tick_int
    from snapshot
    cross join contract_day
),

move_sums as (
    {{ radar_move_sums('reprices', 'anchors', ['window_start_ts']) }}
),

approaches as (
    select
        snapshot.*,
        -- of the mid, because the last trade bounces between bid and ask
        snapshot.mid_price_int - earlier.mid_price_int as mid_change_int
    from snapshot
    left join snapshot as earlier
        on
            snapshot.window_start_ts
            = earlier.window_start_ts + interval {{ var('approach_lookback_s') }} second
),

sums as (
    select
        approaches.*,
        book_sums.* exclude (window_start_ts),
        {% for side in ['ask', 'bid'] %}
            coalesce(move_sums.{{ side }}_away, 0) as {{ side }}_away,
            coalesce(move_sums.{{ side }}_toward, 0) as {{ side }}_toward{{ "," if not loop.last }}
        {% endfor %}
    from approaches
    cross join contract_day
    left join book_sums
        on approaches.window_start_ts = book_sums.window_start_ts
    left join move_sums
        on approaches.window_start_ts = move_sums.window_start_ts
    where {{ is_in_surface_window('approaches.window_start_ts', 'contract_day.surface_windows') }}
),

features as (
    select
        window_start_ts,
        window_end_ts,
        spot_ref_price_int,
        spot_ref_price,
        case
            when mid_change_int > 0 then 'approach_up'
            when mid_change_int < 0 then 'approach_down'
            else 'approach_none'
        end as approach_dir,
        window_valid,
        {% for name, formula in (features.items() | list) + (extra_features.items() | list) %}
            case when window_valid and has_book then {{ formula }} end as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from sums
),

-- one pass over the rows in order instead of one per difference
earlier as (
    select
        *,
        {{ earlier_values(features, 1) }}
    from features
    window windows as (order by window_start_ts)
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    spot_ref_price,
    approach_dir,
    window_valid,
    {% for name in features %}
        {{ name }},
    {% endfor %}
    {{ differences(features) }},
    {% for name in extra_features %}
        {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from earlier
order by window_start_ts
