with

versions as (
    select * from {{ partition_versions('vacuum_metrics_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

calibration as (
    select * from {{ ref('physics_norm_calibration') }}
),

weights as (
    select
        md5(string_agg(
            weight_group || '|' || weight_name || '|' || weight, '|'
            order by weight_group, weight_name
        )) as weights_hash
    from {{ ref('physics_weights') }}
),

-- the quantiles that scale the scores of a day: a new calibration with the same ones changes none
calibration_hashes as (
    select
        root,
        dt,
        any_value(calibration_mode) as calibration_mode,
        md5(string_agg(
            concat_ws('|', valid_from_ts, metric_name, coalesce(q05, 'nan'), coalesce(q95, 'nan')),
            '|' order by valid_from_ts, metric_name
        )) as quantiles_hash
    from calibration
    -- no score scales it
    where metric_name != 'gex_abs'
    group by root, dt
)

select
    versions.symbol,
    versions.dt,
    contract_days.root,
    calibration_hashes.calibration_mode,
    md5(concat_ws(
        '|',
        versions.input_fingerprint,
        calibration_hashes.calibration_mode,
        calibration_hashes.quantiles_hash,
        weights.weights_hash
    )) as input_fingerprint
from versions
inner join contract_days
    on
        versions.symbol = contract_days.symbol
        and versions.dt = contract_days.dt
left join calibration_hashes
    on
        contract_days.root = calibration_hashes.root
        and versions.dt = calibration_hashes.dt
cross join weights
