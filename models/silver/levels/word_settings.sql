{{ config(materialized='view') }}

select
    cast({{ var('ladder_rung_points') }} as double) as ladder_rung_points,
    cast({{ var('ladder_rungs') }} as integer) as ladder_rungs,
    cast({{ var('ladder_min_contracts') }} as integer) as ladder_min_contracts,
    cast({{ var('ladder_wall_ratio') }} as double) as ladder_wall_ratio,
    cast({{ var('ladder_net_flow_share') }} as double) as ladder_net_flow_share,
    cast({{ var('condition_z') }} as double) as condition_z,
    cast({{ var('condition_min_contracts') }} as integer) as condition_min_contracts,
    cast({{ var('ease_difference_ratio') }} as double) as ease_difference_ratio
