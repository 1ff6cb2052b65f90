{#
    Query of the value area of each session of session_prices: symbol, session_date,
    poc_price_int, high_price_int, low_price_int. The point of control is the price with the most
    contracts, the lowest of equals. The area grows from there, one traded price at a time, to the
    neighbor with more contracts, upward when they are equal, until it holds var value_area_share.
#}
{% macro value_areas(session_prices) -%}
    with volumes as (
        select
            symbol,
            session_date,
            place.price_int,
            cast(sum(place.volume) as bigint) as volume
        from (select symbol, session_date, unnest(profile) as place from {{ session_prices }})
        group by all
    ),

    profiles as (
        select
            symbol,
            session_date,
            list(price_int order by price_int) as prices,
            list(volume order by price_int) as volumes,
            sum(volume) as total
        from volumes
        group by symbol, session_date
    ),

    areas as (
        select
            *,
            list_reduce(
                list_transform(
                    range(len(volumes)),
                    n -> struct_pack(
                        low := list_position(volumes, list_max(volumes)),
                        high := list_position(volumes, list_max(volumes)),
                        held := list_max(volumes)
                    )
                ),
                (area, n) -> case
                    when area.held >= {{ var('value_area_share') }} * total then area
                    when
                        coalesce(volumes[area.high + 1], -1)
                        >= case when area.low > 1 then volumes[area.low - 1] else -1 end
                        then struct_pack(
                            low := area.low,
                            high := area.high + 1,
                            held := area.held + volumes[area.high + 1]
                        )
                    else struct_pack(
                        low := area.low - 1,
                        high := area.high,
                        held := area.held + volumes[area.low - 1]
                    )
                end
            ) as area
        from profiles
    )

    select
        symbol,
        session_date,
        prices[list_position(volumes, list_max(volumes))] as poc_price_int,
        prices[area.high] as high_price_int,
        prices[area.low] as low_price_int
    from areas
{%- endmacro %}
