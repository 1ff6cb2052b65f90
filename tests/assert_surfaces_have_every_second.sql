-- noqa: disable=AM04,RF04
-- Differences and roll-ups look back by seconds: every second of the snapshot inside surface_window
-- has its row in the relations with one row per second, invalid seconds too, and no other second
-- has.
with

snapshot as (
    select
        snapshot.symbol,
        snapshot.dt,
        snapshot.window_start_ts,
        snapshot.window_valid,
        snapshot.spot_ref_price_int
    from {{ ref('book_snapshot_1s') }} as snapshot
    inner join {{ ref('contract_days') }} as contract_day
        on
            snapshot.symbol = contract_day.symbol
            and snapshot.dt = contract_day.dt
    where {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
),

{% for relation in ['radar_vacuum_1s', 'physics_bands_1s'] %}
    {{ relation }} as (
        select
            symbol,
            dt,
            window_start_ts,
            window_valid,
            spot_ref_price_int
        from {{ ref(relation) }}
        where {{ untested_partitions(relation) }}
    ),

    {{ relation }}_expected as (
        select * from snapshot
        where {{ untested_partitions(relation) }}
    ),
{% endfor %}

differences as (
    {% for relation in ['radar_vacuum_1s', 'physics_bands_1s'] %}
        {% for first, second in [('', '_expected'), ('_expected', '')] %}
            (
                select
                    '{{ relation }}' as relation,
                    *
                from {{ relation }}{{ first }}
                except all
                select
                    '{{ relation }}' as relation,
                    *
                from {{ relation }}{{ second }}
            )
            {{ "union all" if not loop.last }}
        {% endfor %}
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select * from differences
