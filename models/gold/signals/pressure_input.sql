-- depends_on: {{ ref('mbo_level_vacuum_5s') }}
-- depends_on: {{ ref('mbo_trigger_signals') }}
with

windows as (
    select * from {{ partition_versions('mbo_level_vacuum_5s') }}
),

signals as (
    select * from {{ partition_versions('mbo_trigger_signals') }}
)

select
    windows.symbol,
    windows.dt,
    {{ root_of('windows.symbol') }} as root,
    md5(windows.input_fingerprint || signals.input_fingerprint) as input_fingerprint
from windows
inner join signals
    on
        windows.symbol = signals.symbol
        and windows.dt = signals.dt
