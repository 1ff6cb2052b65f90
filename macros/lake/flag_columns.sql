{# The bits of the vendor's flags byte as booleans. #}
{% macro flag_columns(flags) -%}
    {{ flags }} & 128 != 0 as is_last,
    {{ flags }} & 64 != 0 as is_tob,
    {{ flags }} & 32 != 0 as is_snapshot,
    {{ flags }} & 16 != 0 as is_mbp,
    {{ flags }} & 8 != 0 as is_bad_ts_recv,
    {{ flags }} & 4 != 0 as is_maybe_bad_book
{%- endmacro %}
