{#
    Query of the settlement prices of the session before in each session of `sessions` (symbol, dt,
    session_date, prior_date, from_ts, until_ts), as rows of step_levels: from its publication until
    a later one corrects it. `statistics` is bronze.future_statistics.
#}
{% macro prior_settlements(sessions, statistics) -%}
    select
        symbol,
        dt,
        'prior_settlement' as level_id,
        from_ts,
        coalesce(
            lead(from_ts) over (
                partition by symbol, dt, session_date
                order by from_ts
            ),
            until_ts
        ) as until_ts,
        level_price_int
    from (
        select
            sessions.symbol,
            sessions.dt,
            sessions.session_date,
            sessions.until_ts,
            settlements.price_int as level_price_int,
            -- known at the end of the second in which it came
            greatest(
                sessions.from_ts,
                make_timestamp(
                    (epoch_ns(settlements.ts_recv) + 999999999) // 1000000000 * 1000000
                )
            ) as from_ts
        from {{ sessions }} as sessions
        inner join {{ statistics }} as settlements
            on
                sessions.symbol = settlements.symbol
                and sessions.prior_date = cast(settlements.ts_ref as date)
                and sessions.until_ts > settlements.ts_recv
        where
            -- 3 is a settlement price, 1 a new statistic
            settlements.stat_type = 3
            and settlements.update_action = 1
            and settlements.price_int is not null
        -- the last one of a second, and of all that came before the session
        qualify
            row_number() over (
                partition by
                    sessions.symbol,
                    sessions.dt,
                    sessions.session_date,
                    greatest(
                        sessions.from_ts,
                        make_timestamp(
                            (epoch_ns(settlements.ts_recv) + 999999999) // 1000000000 * 1000000
                        )
                    )
                order by settlements.ts_recv desc, settlements.rec_ordinal desc
            ) = 1
    )
{%- endmacro %}
