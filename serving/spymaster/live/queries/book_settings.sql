-- Settings of the kernel of the book on a contract-day, as macros/book/book_engine gives them
with settings as (
    select map(list(name), list(value)) as of_build
    from meta.build_settings
)

select
    contract_days.book_source,
    contract_days.book_path,
    struct_pack(
        tick_int := contract_days.tick_int,
        day_start_ns := epoch_ns(cast(contract_days.dt as timestamp)),
        trading_intervals := list_transform(
            contract_days.trading_intervals,
            part -> struct_pack(
                open_ns := epoch_ns(part.open_ts),
                close_ns := epoch_ns(part.close_ts),
                is_open_at_once := part.is_open_at_once
            )
        ),
        stale_after_s := contract_days.stale_after_s,
        surface_windows_ns := list_transform(
            contract_days.surface_windows,
            part -> [epoch_ns(part.start_ts), epoch_ns(part.end_ts)]
        ),
        wall_max_ticks := cast(settings.of_build['wall_max_ticks'] as bigint),
        rest_ns := cast(settings.of_build['rest_ns'] as bigint),
        unknown_cancel_rate_max
        := cast(settings.of_build['unknown_cancel_rate_max'] as double),
        unknown_cancel_min_cancels
        := cast(settings.of_build['unknown_cancel_min_cancels'] as bigint),
        unknown_cancel_lookback_s
        := cast(settings.of_build['unknown_cancel_lookback_s'] as bigint),
        input_content_hash := contract_days.book_content_hash
    ) as settings
from silver.contract_days as contract_days
cross join settings
where
    contract_days.symbol = $symbol
    and contract_days.dt = $dt;
