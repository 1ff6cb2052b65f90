{#
    Query of the seconds of the partition that is being built with the price of the future at which
    its options are valued, `forward_int`: the mid of the last second, this one or earlier, whose
    book was valid and quoted on both sides, at most var option_mid_max_age_s old, otherwise NULL.
    The last trade bounces between bid and ask, the mid does not; spot places the grid of strikes.
#}
{% macro future_mids() -%}
    select
        window_start_ts,
        window_end_ts,
        spot_ref_price_int,
        spot_ref_price,
        last_value(case when book_valid then mid_price_int end ignore nulls) over (
            order by window_end_ts
            range between interval {{ var('option_mid_max_age_s') }} second preceding
            and current row
        ) as forward_int
    from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
{%- endmacro %}
