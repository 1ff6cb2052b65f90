{# Call of the engine for the contract-day being built. #}
{% macro book_engine() -%}
    {%- set row =
        '(select {} from ' ~ ref('contract_days') ~ ' where ' ~ in_partition() ~ ')' -%}
    {%- set is_by = partition_value('book_source') ~ ' = ' -%}
    {%- set path = partition_value('book_path') -%}
    {%- set settings = {
        'tick_int': row.format('tick_int'),
        'day_start_ns': 'epoch_ns(cast(' ~ partition_value('dt') ~ ' as timestamp))',
        'trading_intervals': 'list_transform(' ~ row.format('trading_intervals')
            ~ ', part -> struct_pack(open_ns := epoch_ns(part.open_ts), '
            ~ 'close_ns := epoch_ns(part.close_ts), is_open_at_once := part.is_open_at_once))',
        'stale_after_s': row.format('stale_after_s'),
        'surface_windows_ns': 'list_transform(' ~ row.format('surface_windows')
            ~ ', part -> [epoch_ns(part.start_ts), epoch_ns(part.end_ts)])',
        'input_content_hash': row.format('book_content_hash'),
    } -%}
    {%- for name in [
        'wall_max_ticks',
        'rest_ns',
        'unknown_cancel_rate_max',
        'unknown_cancel_min_cancels',
        'unknown_cancel_lookback_s',
    ] -%}
        {%- do settings.update({name: var(name)}) -%}
    {%- endfor -%}
    {{ kernel_call(
        'book_engine',
        streams=[
            'if(' ~ is_by ~ "'mbo', " ~ path ~ ', null)',
            'if(' ~ is_by ~ "'mbp10', " ~ path ~ ', null)',
        ],
        settings=settings,
    ) }}
{%- endmacro %}
