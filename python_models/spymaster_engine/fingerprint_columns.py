"""Columns of the fingerprint kernels, for callers that need only the names."""

# numbers of a row of a window and side; those of float64 are NaN where undefined
COUNTS = (
    "window_end_s",
    "side",
    "add_count",
    "top_size",
    "cancel_count",
    "requote_count",
    "requote_pair_count",
    "approached_qty",
    "withdrawn_qty",
    "n_orders_max_life_ms_10",
    "refill_count",
    "refill_qty",
    "reload_count",
    "reload_qty",
    "hidden_fill_qty",
    "periodicity_size",
    "periodicity_n",
)
MEASURES = (
    "add_size_entropy",
    "top_size_share",
    "top_size_share_null_q95",
    "requote_median_ms",
    "requote_share",
    "requote_share_null_q95",
    "chase_share",
    "chase_share_null_q95",
    "withdraw_on_approach_share",
    "withdraw_on_approach_share_null_q95",
    "react_1ms",
    "react_5ms",
    "react_20ms",
    "react_1ms_null_q95",
    "react_5ms_null_q95",
    "react_20ms_null_q95",
    "periodicity_s",
    "periodicity_power",
    "periodicity_coherence",
    "periodicity_p",
)
# counts that may be undefined
NULLABLE_COUNTS = ("top_size", "periodicity_size", "periodicity_n")

# whole numbers of a row of an iceberg; its price is tick times the tick's size
ICEBERG_COUNTS = (
    "refill_count",
    "refill_qty",
    "reload_count",
    "reload_qty",
    "hidden_fill_qty",
)
ICEBERG_ROW = ("window_s", "side", "tick", *ICEBERG_COUNTS)
