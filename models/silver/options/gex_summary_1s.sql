-- noqa: disable=LT02
{{ partitioned_by('gex_profile_1s') }}

with

inputs as (
    select * from {{ ref('gex_settings') }}
    where {{ in_partition() }}
),

surface as (
    select * from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }}
),

-- lists are sorted once they are made: ordered aggregates make room for thousands of rows a second
profile as (
    select
        window_end_ts,
        list_sort(list(struct_pack(price := price_points, gex := gex))) as points
    from {{ ref('gex_profile_1s') }}
    where {{ in_partition() }}
    group by window_end_ts
),

grids as (
    select
        window_start_ts,
        window_end_ts,
        any_value(underlying_spot_ref) as spot,
        any_value(spot_ref_price_int) as spot_ref_price_int,
        cast(count(gex) as integer) as n_strikes_known,
        list_sort(list(struct_pack(
            strike := strike_points,
            gex := gex,
            gex_abs := gex_abs,
            net_flow_gex := net_flow_gex
        ))) as cells,
        max_by(strike_price_int, gex_call_abs)
            filter (where strike_price_int > spot_ref_price_int and gex_call_abs > 0)
            as call_wall_price_int,
        max_by(strike_price_int, gex_put_abs)
            filter (where strike_price_int < spot_ref_price_int and gex_put_abs > 0)
            as put_wall_price_int
    from surface
    group by window_start_ts, window_end_ts
),

seconds as (
    select
        grids.*,
        {% for measure in ['gex', 'gex_abs', 'net_flow_gex'] %}
            list_sum(list_transform(grids.cells, cell -> cell.{{ measure }})) as {{ measure }},
        {% endfor %}
        list_transform(grids.cells, cell -> cell.strike) as strikes,
        -- a window would sum in an order that depends on the seconds that are read with this one
        list_transform(
            range(1, len(grids.cells) + 1),
            i -> list_sum(list_transform(grids.cells[:i], cell -> cell.gex))
        ) as totals,
        list_transform(profile.points, point -> point.price) as prices,
        list_filter(list_transform(profile.points, point -> point.gex), gex -> gex is not null)
            as profile
    from grids
    inner join profile on grids.window_end_ts = profile.window_end_ts
),

flips as (
    select
        *,
        {{ zero_crossing('profile', 'prices', 'spot') }} as gamma_flip_price,
        {{ zero_crossing('totals', 'strikes', 'spot') }} as gamma_flip_cum_price
    from seconds
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    flips.window_start_ts,
    flips.window_end_ts,
    flips.spot_ref_price_int,
    flips.gex,
    flips.gex_abs,
    flips.net_flow_gex,
    flips.n_strikes_known,
    flips.gamma_flip_price,
    flips.gamma_flip_cum_price,
    flips.call_wall_price_int,
    flips.put_wall_price_int,
    (flips.gamma_flip_price * {{ price_scale() }} - flips.spot_ref_price_int) / inputs.tick_int
        as gamma_flip_ticks,
    cast((flips.call_wall_price_int - flips.spot_ref_price_int) // inputs.tick_int as integer)
        as call_wall_ticks,
    cast((flips.put_wall_price_int - flips.spot_ref_price_int) // inputs.tick_int as integer)
        as put_wall_ticks,
    inputs.sign_convention
from flips
cross join inputs
order by flips.window_start_ts
