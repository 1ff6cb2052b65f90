{#
    Query of the seconds of the partition being built with the price of the future that values its
    options, `forward_int`: the mid of the latest second so far with a valid book and quotes on both
    sides, at most var option_mid_max_age_s old, otherwise NULL. The last trade bounces between bid
    and ask, the mid does not; spot places the grid of strikes.
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
