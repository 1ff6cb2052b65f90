{#
    Query of the round levels around the last known spot, as rows of running_levels_1s: the nearest
    even and the nearest odd multiple of round_points, which are the multiples below and above spot.
    A level keeps its price while spot passes through it: it changes where spot is as far from it as
    the multiples are from each other. Arguments are names of CTEs of that model; `before`
    has the levels of seconds before.
#}
{% macro round_levels(seconds, definitions, contract_day, before) -%}
    with spots as (
        select
            window_end_ts,
            last_value(spot_ref_price_int ignore nulls) over (order by window_end_ts) as spot_int
        from {{ seconds }}
    ),

    begun as (
        select
            level_id,
            min(available_from_ts) as available_from_ts
        from {{ before }}
        group by level_id
    ),

    multiples as (
        select
            spots.window_end_ts,
            definitions.level_id,
            2 * cast(definitions.round_points * {{ price_scale() }} as bigint) as even_step_int,
            -- from the multiple below the price
            case
                when definitions.level_id like '%!_even' escape '!'
                    then spots.spot_int
                        + cast(definitions.round_points * {{ price_scale() }} as bigint)
                else spots.spot_int
            end as price_int,
            least(min(spots.window_end_ts) over (), begun.available_from_ts) as available_from_ts
        from spots
        inner join {{ definitions }} as definitions on definitions.level_kind = 'round'
        left join begun on definitions.level_id = begun.level_id
        where spots.spot_int is not null
    )

    select
        multiples.window_end_ts,
        multiples.level_id,
        (
            multiples.price_int
            -- the rest above 0, below 0 too
            - (multiples.price_int % multiples.even_step_int + multiples.even_step_int)
            % multiples.even_step_int
            + case
                when multiples.level_id like '%!_even' escape '!' then 0
                else multiples.even_step_int // 2
            end
        ) / contract_day.tick_int as level_ticks,
        false as is_provisional,
        multiples.available_from_ts
    from multiples
    cross join {{ contract_day }} as contract_day
{%- endmacro %}
