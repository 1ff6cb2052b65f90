-- Every day with options has a recent interest rate. A seed that ends too early would keep giving
-- its last rate; a day before its first row has no rate, which gex_settings forbids.
{{ config(severity='warn') }}

with days as (
    select * from {{ ref('gex_settings') }}
),

rates as (
    select max(date) as last_date
    from {{ ref('risk_free_rate') }}
)

select
    days.symbol,
    days.dt,
    rates.last_date
from days
cross join rates
where days.dt > rates.last_date + {{ var('risk_free_rate_max_age_days') }}
