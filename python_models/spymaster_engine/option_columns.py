"""Columns of the kernels of options, for callers that need only the names."""

# a row of an option's book: the state at the end of a second, and the flows of the second
BOOK_ROW = (
    "window_s",
    "instrument_id",
    "bid_price_int",
    "ask_price_int",
    "bid_qty",
    "ask_qty",
    "last_change_ns",
    "book_valid",
    "bid_add_qty",
    "ask_add_qty",
    "bid_pull_qty",
    "ask_pull_qty",
    "fill_qty",
)
NULLABLE = ("bid_price_int", "ask_price_int", "last_change_ns")

# by the codes that the kernel returns
IV_STATUSES = ("ok", "bounds", "no_root")
GREEKS = ("gamma", "delta_call", "delta_put", "vega")
PROFILE_OPTION = ("strike", "implied_vol", "t_years", "rate", "weight")
