-- One row per contract-day that the book engine has processed, with the hash of its records.
select
    symbol,
    dt,
    input_content_hash
from silver.book_engine_manifest
