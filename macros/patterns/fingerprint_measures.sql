{#
    Measures of a window and side as pairs of name and type, in the order of their columns. Those of
    the last minute are NULL unless all of it is valid: see is_fingerprint_of_minute.
#}
{% macro fingerprint_measures() -%}
    {{ return([
        ('add_count', 'bigint'),
        ('add_size_entropy', 'double'),
        ('top_size', 'bigint'),
        ('top_size_share', 'double'),
        ('top_size_share_null_q95', 'double'),
        ('cancel_count', 'bigint'),
        ('requote_count', 'bigint'),
        ('requote_pair_count', 'bigint'),
        ('requote_median_ms', 'double'),
        ('requote_share', 'double'),
        ('requote_share_null_q95', 'double'),
        ('chase_share', 'double'),
        ('chase_share_null_q95', 'double'),
        ('approached_qty', 'bigint'),
        ('withdrawn_qty', 'bigint'),
        ('withdraw_on_approach_share', 'double'),
        ('withdraw_on_approach_share_null_q95', 'double'),
        ('react_1ms', 'double'),
        ('react_1ms_null_q95', 'double'),
        ('react_5ms', 'double'),
        ('react_5ms_null_q95', 'double'),
        ('react_20ms', 'double'),
        ('react_20ms_null_q95', 'double'),
        ('n_orders_max_life_ms_10', 'bigint'),
        ('refill_count', 'bigint'),
        ('refill_qty', 'bigint'),
        ('reload_count', 'bigint'),
        ('reload_qty', 'bigint'),
        ('hidden_fill_qty', 'bigint'),
        ('periodicity_s', 'double'),
        ('periodicity_size', 'bigint'),
        ('periodicity_n', 'bigint'),
        ('periodicity_power', 'double'),
        ('periodicity_coherence', 'double'),
        ('periodicity_p', 'double'),
    ]) }}
{%- endmacro %}
