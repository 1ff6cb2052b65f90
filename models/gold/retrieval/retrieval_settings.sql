{{ config(materialized='view') }}

select
    '{{ retrieval_settings() }}' as settings,  -- noqa: RF04
    cast({{ var('vector_window_s') }} as integer) as window_s,
    cast({{ var('barrier_ticks') }} as integer) as barrier_ticks
