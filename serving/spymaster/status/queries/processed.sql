-- One row per contract-day that the book engine has been through, and the records it was made from.
select
    symbol,
    dt,
    input_content_hash
from silver.book_engine_manifest
