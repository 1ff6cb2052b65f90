{{ config(materialized='view') }}

select
    '{{ retrieval_settings() }}' as settings,  -- noqa: RF04
    cast({{ var('vector_window_s') }} as integer) as window_s,
    cast({{ var('barrier_ticks') }} as integer) as barrier_ticks,
    cast({{ var('reach_ticks') }} as integer) as reach_ticks,
    cast('{{ var("learned_horizon") }}' as varchar) as horizon_id,
    '{{ evaluation_settings() }}' as evaluation_settings
