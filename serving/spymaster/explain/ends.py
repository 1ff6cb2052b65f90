"""Where explanations end, and why, by relation. Seeds need no reason: they are typed by hand."""

from __future__ import annotations

END_REASONS = {
    "silver.wall_surface_1s": "counts of the engine: explain one to see its records",
    "silver.book_snapshot_1s": "counts and prices of the engine: explain one to see its records",
    "silver.reprice_flow_1s": "counts of the engine: explain one to see its records",
    "silver.recording_gaps": "times between records, which are not listed",
    "steps.contract_trades": "each row is the record of steps.book_records with its rec_ordinal",
    "steps.market_book_1s": "sums over the updates of a second, which are not listed",
    "silver.option_market_5s": "sums over the options of a bar, which are not listed",
    "silver.bars": "the trades of a bar are not listed; trade_count says how many there are",
    "gold.physics_norm_calibration": "quantiles over n_rows values, which are not listed",
    "steps.physics_calibration_modes": "the choice of earlier sessions is not shown",
    "steps.level_settings": "settings of the contract-day, from vars and seed instruments",
    "silver.contract_days": "settings of the contract-day, from its manifest and the seeds",
    "steps.turn_calibration": "spreads over n_rows seconds, which are not listed",
    "silver.approach_course_1s": "a course follows from all its seconds before, trade by trade",
    "silver.level_decisions": "a decision follows from its approach window or from its course",
    "steps.gex_settings": "settings of the contract-day, from its files, vars and seeds",
    "silver.option_contracts": "from the vendor's definitions, bronze.instrument_definitions",
    "silver.option_open_interest": "from the exchange's statistics, bronze.option_statistics",
    "steps.option_clock": "the calendar of the contract-day",
    "silver.option_book_1s": "a book per option; the records of options are not replayed",
    "steps.option_quote_trades": "trades read from best quotes, which are not listed",
    "silver.gex_summary_1s": "sums and walls of silver.gex_surface_1s in the same second",
    "bronze.option_trades": "the vendor's records",
    "bronze.option_mbo": "the vendor's records",
    "gold.mbo_trigger_signals": "the gate of signals depends on all earlier decisions of the day",
    "gold.retrieval_answers": "a search in the library; its neighbors are listed",
    "gold.eval_retrieval_maps": "what the evaluation fitted on earlier days",
    "gold.eval_retrieval_verdict_asof": "what the evaluation found on earlier days",
}
