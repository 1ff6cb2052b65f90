-- noqa: disable=RF02
{% set walls = uses_levels(['call_wall', 'put_wall', 'gamma_flip']) %}
{{ partitioned_by('level_settings', optional=['gex_summary_1s'] if walls else []) }}

{% set session = [
    'instruments.session_open_local', 'instruments.session_close_local', 'instruments.session_tz'
] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

definitions as (
    select * from {{ ref('level_definitions') }}
),

seconds as (
    select
        window_start_ts,
        window_end_ts,
        spot_ref_price_int
    from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

trades as (
    select
        contract_trades.window_start_ts,
        contract_trades.price_int // contract_day.tick_int as trade_tick,
        contract_trades.size
    from {{ ref('contract_trades') }} as contract_trades
    cross join contract_day
    where
        {{ in_partition('contract_trades.symbol', 'contract_trades.dt') }}
        and contract_trades.price_int is not null
),

-- the session of the date, from its start to the next one
session as (
    select
        {{ product_session_start(partition_value('dt'), *session) }} as session_start_ts,
        {{ session_bounds_utc(partition_value('dt'), 'rth_study') }}.start_ts as study_start_ts,
        {{ product_session_start('(' ~ partition_value('dt') ~ ' + 1)', *session) }}
            as next_start_ts
    from contract_day
    inner join instruments on contract_day.root = instruments.root
),

{% if uses_levels(['round']) %}
    -- the levels of seconds before
    before as (
        {{ own_rows({'level_id': 'varchar', 'available_from_ts': 'timestamp'}) }}
    ),
{% endif %}

levels as (
    select
        cast(null as timestamp) as window_end_ts,
        cast(null as varchar) as level_id,
        cast(null as double) as level_ticks,
        cast(null as boolean) as is_provisional,
        cast(null as timestamp) as available_from_ts
    where false

    {% if uses_levels(['vwap', 'vwap_1sd_up', 'vwap_1sd_down']) %}
        union all by name
        select * from ({{ vwap_levels('seconds', 'trades', 'session') }})
    {% endif %}

    {% if uses_levels(['round']) %}
        union all by name
        select * from ({{ round_levels('seconds', 'definitions', 'contract_day', 'before') }})
    {% endif %}

    {% if uses_levels(['overnight_high', 'overnight_low']) %}
        union all by name
        select * from ({{ overnight_so_far(
            'seconds', 'trades', 'session', ref('session_prices'), 'contract_day'
        ) }})
    {% endif %}

    {% if walls %}
        union all by name
        select
            summary.window_end_ts,
            unnest(['call_wall', 'put_wall', 'gamma_flip']) as level_id,
            unnest([
                summary.call_wall_price_int / contract_day.tick_int,
                summary.put_wall_price_int / contract_day.tick_int,
                summary.gamma_flip_price * {{ price_scale() }} / contract_day.tick_int
            ]) as level_ticks,
            false as is_provisional,
            summary.window_end_ts as available_from_ts
        from {{ built_or_empty('gex_summary_1s') }} as summary
        cross join contract_day
        where {{ in_partition('summary.symbol', 'summary.dt') }}
    {% endif %}
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    levels.window_end_ts,
    levels.level_id,
    levels.level_ticks,
    levels.is_provisional,
    levels.available_from_ts
from levels
inner join definitions on levels.level_id = definitions.level_id
where levels.level_ticks is not null
order by levels.window_end_ts, definitions.priority, levels.level_id
