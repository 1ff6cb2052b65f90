{% set window = var('surface_window') %}
{% set windows = 'cast(null as struct(start_ts timestamp, end_ts timestamp)[])' if window == 'all'
    else local_windows_in_day('days.dt', window) %}
{# in the order of preference #}
{% set trades = "['bronze.future.trades', 'bronze.future_mbo.mbo', "
    ~ "'bronze.future.market_by_price_10']" %}

with

manifest as (
    select * from {{ ref('ingest_manifest') }}
),

trading_intervals as (
    select * from {{ ref('trading_intervals') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

books as (
    {{ book_partitions('manifest') }}
),

intervals_of_days as (
    select
        symbol,
        dt,
        list(
            struct_pack(
                open_ts := open_ts,
                close_ts := close_ts,
                is_open_at_once := is_open_at_once
            )
            order by interval_no
        ) as intervals
    from trading_intervals
    group by symbol, dt
),

market_books as (
    select
        symbol,
        dt,
        max(landed_path) filter (dataset_key = 'bronze.future_mbo.mbo') as mbo_path,
        max(landed_path) filter (dataset_key = 'bronze.future.market_by_price_10') as mbp10_path,
        md5(string_agg(
            concat_ws('|', dataset_key, content_hash, tick_int), '|' order by dataset_key
        )) as fingerprint
    from manifest
    where dataset_key in ('bronze.future_mbo.mbo', 'bronze.future.market_by_price_10')
    group by symbol, dt
),

-- the trades of a day are in every schema; those of the trades schema are quickest to read
trade_files as (
    select * from manifest
    where list_contains({{ trades }}, dataset_key)
    qualify row_number() over (
        partition by symbol, dt
        order by list_position({{ trades }}, dataset_key)
    ) = 1
),

trades as (
    select
        trade_files.symbol,
        trade_files.dt,
        trade_files.root,
        trade_files.tick_int,
        trade_files.dataset_key,
        trade_files.landed_path,
        md5(concat_ws(
            '|',
            trade_files.dataset_key,
            trade_files.content_hash,
            trade_files.root,
            instruments.session_open_local,
            instruments.session_tz,
            -- the close of an evening session decides nothing
            case
                when instruments.session_open_local < instruments.session_close_local
                    then instruments.session_close_local
            end
        )) as fingerprint
    from trade_files
    inner join instruments on trade_files.root = instruments.root
),

definitions as (
    select
        root,
        dt,
        string_agg(content_hash, '|' order by content_hash) as content_hash
    from manifest
    where dataset_key = 'bronze.shared.instrument_definitions'
    group by root, dt
),

-- orders come before best quotes: they show the whole book
quote_files as (
    select
        *,
        if(dataset_key = 'bronze.future_option_mbo.mbo', 'mbo', 'nbbo') as quote_source
    from manifest
    where dataset_key in ('bronze.future_option_mbo.mbo', 'bronze.future_option.nbbo')
    qualify row_number() over (partition by symbol, dt order by quote_source) = 1
),

quotes as (
    select
        quote_files.symbol,
        quote_files.dt,
        quote_files.root,
        quote_files.quote_source,
        quote_files.landed_path,
        md5(concat_ws(
            '|',
            quote_files.dataset_key,
            quote_files.content_hash,
            definitions.content_hash,
            instruments.option_tick_size
        )) as fingerprint
    from quote_files
    inner join instruments on quote_files.root = instruments.root
    left join definitions
        on
            quote_files.root = definitions.root
            and quote_files.dt = definitions.dt
),

days as (
    {% for records in ['books', 'trades', 'quotes'] %}
        select
            symbol,
            dt,
            root
        from {{ records }}
        {{ "union" if not loop.last }}
    {% endfor %}
),

described as (
    select
        days.symbol,
        days.dt,
        days.root,
        if(books.book_source is null, trades.tick_int, books.tick_int) as tick_int,
        instruments.stale_after_s,
        instruments.session_open_local,
        instruments.session_close_local,
        instruments.session_tz,
        cast(instruments.option_tick_size * {{ price_scale() }} as bigint) as option_tick_int,
        books.book_source,
        books.landed_path as book_path,
        books.content_hash as book_content_hash,
        case
            when books.book_source is not null then coalesce(intervals_of_days.intervals, [])
        end as trading_intervals,
        case
            when books.book_source = 'mbo' then {{ windows }}
            else cast([] as struct(start_ts timestamp, end_ts timestamp)[])
        end as surface_windows,
        {{ windows }} as option_windows,
        market_books.mbo_path,
        market_books.mbp10_path,
        market_books.fingerprint as market_fingerprint,
        trades.dataset_key as trade_dataset,
        trades.landed_path as trade_path,
        trades.fingerprint as trades_fingerprint,
        quotes.quote_source,
        quotes.landed_path as quote_path,
        quotes.fingerprint as quotes_fingerprint
    from days
    left join instruments on days.root = instruments.root
    left join intervals_of_days
        on
            days.symbol = intervals_of_days.symbol
            and days.dt = intervals_of_days.dt
    {% for records in ['books', 'market_books', 'trades', 'quotes'] %}
        left join {{ records }}
            on
                days.symbol = {{ records }}.symbol
                and days.dt = {{ records }}.dt
    {% endfor %}
)

select
    *,
    case
        when book_source is not null
            then md5(concat_ws(
                '|',
                book_content_hash,
                tick_int,
                book_source,
                trading_intervals,
                surface_windows,
                stale_after_s
            ))
    end as book_fingerprint
from described
