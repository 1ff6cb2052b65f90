-- Var contract_override names the contract of a root's first date. A symbol that is not landed
-- until then would silently choose nothing.
with

overrides as (
    {% for root, symbol in var('contract_override').items() %}
        select
            '{{ root }}' as root,
            '{{ symbol }}' as symbol
        union all
    {% endfor %}
    select
        null as root,
        null as symbol
),

first_dates as (
    select
        root,
        session_date
    from {{ ref('mbo_contract_day_selection') }}
    where prev_trading_date is null
),

landed as (
    select
        root,
        symbol,
        dt
    from {{ ref('contract_days') }}
    where trades_fingerprint is not null
)

select
    overrides.root,
    overrides.symbol,
    first_dates.session_date
from overrides
inner join first_dates
    on overrides.root = first_dates.root
anti join landed
    on
        overrides.root = landed.root
        and overrides.symbol = landed.symbol
        and first_dates.session_date >= landed.dt
