"""Options on the synthetic future: a chain priced by Black-76 from a known volatility surface.

A market maker quotes every option around its theoretical price, which follows the future's mid
price and the surface; customers rest, cancel and trade. Start with :mod:`.chain` (listed options),
:mod:`.surface` (volatility), :mod:`.market_loop` (a day) and :mod:`.files` (output).
"""
