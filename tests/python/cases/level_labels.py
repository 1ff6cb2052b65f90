"""Cases of labels: what price did after a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

from naive.levels_episodes import APPROACHES, Decision
from naive.levels_outcomes import BARRIER_KINDS, horizon_ends_s, outcome_row
from naive.levels_paths import Future
from naive.surfaces import second_of
from support.cases import Case, Row, Tables, by_column
from support.level_cases import gaps_of, rules_of, seconds_of, trades_of


def twin(given: Tables, case: Case) -> Iterator[Row]:
    rules = rules_of(given, case)
    seconds = seconds_of(given["book_snapshot_1s"])
    trades = trades_of(given["contract_trades"], rules)
    future = Future(seconds, trades, rules, gaps_of(given["recording_gaps"]))
    for row in given["level_decisions"]:
        end_s, phase = second_of(row["window_end_ts"]), row["decision_phase"]
        decision = Decision(
            end_s,
            row["level_id"],
            is_window_valid=True,
            is_active=True,
            is_primary=True,
            level_tick=row["level_tick"],
            k_ticks=-APPROACHES[row["approach_dir"]] * row["x_ticks"],
            sigma_ticks=row["sigma_1s_ticks"],
            approach_dir=row["approach_dir"],
            # what has come to the level is decided by its course
            course=None if phase == "approaching" else SimpleNamespace(phase=phase),
        )
        own = replace(rules, barrier_min_ticks=row["barrier_min_ticks"])
        for kind in BARRIER_KINDS:
            for horizon_id, horizon_end_s in horizon_ends_s(end_s, rules).items():
                yield {
                    "level_id": row["level_id"],
                    "barrier_kind": kind,
                    "horizon_id": horizon_id,
                    "decision_phase": phase,
                    **outcome_row(decision, kind, horizon_end_s, future, own),
                }


CASES = (
    Case(
        "labels_at_their_edges",
        """A trade of the second that begins at the decision counts, one of the second that begins
        at the horizon does not, and one of the second before not even with a later stamp; h0 of a
        decision on a bar's end is the whole next bar. A path cut by an invalid second is CENSORED
        unless the hit came first, and cut by one beyond the horizon it is CHOP. Whole-session flags
        of other kinds cut nothing. The fall has the outcomes of the rise with directions
        turned.""",
        variables={
            "horizons_s": {"s60": 60, "s120": 120},
            "horizon_bars": 0,
            "barrier_sigmas": 0.5,
            "barrier_ticks_range": [4, 6],
        },
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    case i when 100 then 40 when 270 then 4 else 0 end as invalid_flags
                from range(300) as r (i)
            """,
            "recording_gaps": "",
            "level_decisions": by_column("""
                symbol               ESZ5         ESZ5           ESZ5
                dt                   2025-10-01   2025-10-01     2025-10-01
                level_id             first        mirrored       second
                window_end_ts        13:30:00     13:30:00       13:33:30
                approach_dir         approach_up  approach_down  approach_up
                x_ticks              -3           -3             -5
                level_tick           100          106            200
                is_eligible          true         true           true
                decision_phase       approaching  approaching    approaching
                barrier_min_ticks    4            4              4
                sigma_1s_ticks       1.4          -              0.1
                first_window_end_ts  13:30:00     13:30:00       13:33:30
            """),
            "contract_trades": """
                trade_no  ts_event    window_start_ts  price_int
                1         13:30:00.1  13:29:59         1090
                2         13:30:00    13:30:00         1000
                3         13:30:59.9  13:30:59         1040
                4         13:31:00    13:31:00         1080
                5         13:31:59.9  13:31:59         920
                6         13:34:20    13:34:20         1960
                7         13:34:31    13:34:31         2090
            """,
        },
        expected="""
            level_id  barrier_kind  horizon_id  outcome   outcome_dir  label_reason    barrier_ticks
            first     fixed         s60         CHOP      CHOP         -               8
            first     vol           s60         CHOP      CHOP         -               5
            first     fixed         s120        BREAK     BREAK_UP     -               8
            first     vol           s120        BREAK     BREAK_UP     -               6
            first     fixed         h0          BREAK     BREAK_UP     -               8
            first     vol           h0          BREAK     BREAK_UP     -               6
            mirrored  fixed         s60         CHOP      CHOP         -               8
            mirrored  vol           s60         -         -            no_sigma        -
            mirrored  fixed         s120        BREAK     BREAK_DOWN   -               8
            mirrored  vol           s120        -         -            no_sigma        -
            mirrored  fixed         h0          BREAK     BREAK_DOWN   -               8
            mirrored  vol           h0          -         -            no_sigma        -
            second    fixed         s60         CHOP      CHOP         -               8
            second    vol           s60         -         -            beyond_barrier  4
            second    fixed         s120        CENSORED  CENSORED     -               8
            second    vol           s120        -         -            beyond_barrier  4
            second    fixed         h0          CHOP      CHOP         -               8
            second    vol           h0          -         -            beyond_barrier  4

            horizon_s  touched  outcome_after_touch  first_hit_ts  time_to_hit_s  second_hit_ts
            60         true     CHOP                 -             -              -
            60         true     CHOP                 -             -              -
            120        true     BREAK                13:31:00      60             13:31:59.9
            120        true     BREAK                13:31:00      60             13:31:59.9
            120        true     BREAK                13:31:00      60             13:31:59.9
            120        true     BREAK                13:31:00      60             13:31:59.9
            60         true     CHOP                 -             -              -
            60         -        -                    -             -              -
            120        true     BREAK                13:31:59.9    119.9          -
            120        -        -                    -             -              -
            120        true     BREAK                13:31:59.9    119.9          -
            120        -        -                    -             -              -
            60         false    -                    -             -              -
            60         -        -                    -             -              -
            120        false    -                    -             -              -
            120        -        -                    -             -              -
            30         false    -                    -             -              -
            30         -        -                    -             -              -

            whipsaw_flag  mfe_ticks  mae_ticks  adverse_before_hit_ticks  label_end_ts
            false         7          0          -                         13:31:00
            false         7          0          -                         13:31:00
            true          11         -5         0                         13:32:00
            true          11         -5         0                         13:32:00
            true          11         -5         0                         13:32:00
            true          11         -5         0                         13:32:00
            false         9          0          -                         13:31:00
            -             -          -          -                         -
            false         17         0          0                         13:32:00
            -             -          -          -                         -
            false         17         0          0                         13:32:00
            -             -          -          -                         -
            false         1          0          -                         13:34:30
            -             -          -          -                         -
            false         1          0          -                         13:34:30
            -             -          -          -                         -
            false         0          0          -                         13:34:00
            -             -          -          -                         -
        """,
    ),
    Case(
        "labels_from_where_the_level_is_reached",
        """Price that turns at -8 before it comes near is NOT_REACHED when it stays away, and BREAK
        when it comes back inside the horizon; the horizon then begins again at the second that came
        near. Near at t reaches at t, and where no trade follows is left at t. A path cut while
        price is still away says nothing, one cut later is CENSORED, and a hit before the cut stays.
        A position ends at the first barrier from t on, also where price comes back to the level
        after that.""",
        variables={"horizons_s": {"s60": 60}, "horizon_bars": -1},
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    case i when 130 then 1 else 0 end as invalid_flags
                from range(300) as r (i)
            """,
            "recording_gaps": "",
            "level_decisions": """
                symbol=ESZ5  dt=2025-10-01  is_eligible=true  decision_phase=approaching
                barrier_min_ticks=4
                level_id  window_end_ts  approach_dir   x_ticks  level_tick  first_window_end_ts
                away      13:30:00       approach_up    -5       110         13:30:00
                back      13:30:00       approach_up    -5       105         13:30:00
                near      13:30:00       approach_down  -2       96          13:30:00
                no_trade  13:33:00       approach_up    -1       130         13:33:00
                cut_away  13:31:30       approach_up    -4       130         13:31:30
                cut_near  13:31:00       approach_up    -3       109         13:31:00
                hit       13:31:00       approach_up    -3       103         13:31:00
            """,
            "contract_trades": """
                trade_no  ts_event    window_start_ts  price_int
                1         13:30:10.5  13:30:10         970
                2         13:30:40.5  13:30:40         1030
                3         13:31:20.5  13:31:20         1130
            """,
        },
        expected="""
            level_id  barrier_kind  outcome   reached  reached_ts  outcome_reached  reached_hit_ts
            away      fixed         REJECT    false    -           NOT_REACHED      -
            away      vol           -         -        -           -                -
            back      fixed         REJECT    true     13:30:40.5  BREAK            13:31:20.5
            back      vol           -         -        -           -                -
            near      fixed         CHOP      true     13:30:00    CHOP             -
            near      vol           -         -        -           -                -
            no_trade  fixed         CHOP      true     13:33:00    CHOP             -
            no_trade  vol           -         -        -           -                -
            cut_away  fixed         CENSORED  -        -           CENSORED         -
            cut_away  vol           -         -        -           -                -
            cut_near  fixed         CHOP      true     13:31:20.5  CENSORED         -
            cut_near  vol           -         -        -           -                -
            hit       fixed         BREAK     true     13:31:20.5  BREAK            13:31:20.5
            hit       vol           -         -        -           -                -

            exit_ts     exit_x_ticks  mfe_to_exit_ticks  mae_to_exit_ticks  whipsaw_reached
            13:30:10.5  -8            0                  -8                 false
            -           -             -                  -                  -
            13:30:10.5  -8            0                  -3                 true
            -           -             -                  -                  -
            13:30:40.5  -7            1                  -5                 false
            -           -             -                  -                  -
            13:33:00    -1            0                  0                  false
            -           -             -                  -                  -
            -           -             -                  -                  false
            -           -             -                  -                  -
            -           -             -                  -                  false
            -           -             -                  -                  -
            13:31:20.5  8             13                 0                  false
            -           -             -                  -                  -

            label_end_ts
            13:31:00
            -
            13:31:40
            -
            13:31:00
            -
            13:34:00
            -
            13:32:10
            -
            13:32:10
            -
            13:32:10
            -
        """,
    ),
    Case(
        "labels_once_price_has_come_to_the_level",
        """A decision at the level or past it has touched it at once, one that is back before it has
        reached it at once; then what comes first from t on is the outcome. The same distance while
        price approaches has reached nothing. Past a barrier there is no label.""",
        variables={"horizons_s": {"s60": 60}, "horizon_bars": -1},
        twin_omits=["episode_id"],
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    0 as invalid_flags
                from range(300) as r (i)
            """,
            "recording_gaps": "",
            "level_decisions": """
                symbol=ESZ5  dt=2025-10-01  window_end_ts=13:30:00  is_eligible=true
                barrier_min_ticks=4  first_window_end_ts=13:29:50
                level_id  approach_dir   x_ticks  level_tick  decision_phase
                at        approach_up    0        100         at
                through   approach_up    5        95          through
                past      approach_up    9        91          through
                back      approach_down  -5       93          back
                again     approach_down  -5       93          approaching
            """,
            "contract_trades": """
                trade_no  ts_event    window_start_ts  price_int
                1         13:30:10.5  13:30:10         970
                2         13:30:40.5  13:30:40         1030
            """,
        },
        expected="""
            level_id  barrier_kind  decision_phase  outcome  label_reason    touched  touch_ts
            at        fixed         at              CHOP     -               true     13:30:00
            at        vol           at              -        no_sigma        -        -
            through   fixed         through         BREAK    -               true     13:30:00
            through   vol           through         -        no_sigma        -        -
            past      fixed         through         -        beyond_barrier  -        -
            past      vol           through         -        no_sigma        -        -
            back      fixed         back            REJECT   -               false    -
            back      vol           back            -        no_sigma        -        -
            again     fixed         approaching     REJECT   -               false    -
            again     vol           approaching     -        no_sigma        -        -

            outcome_after_touch  reached  reached_ts  outcome_reached  reached_hit_ts
            CHOP                 true     13:30:00    CHOP             -
            -                    -        -           -                -
            BREAK                true     13:30:00    BREAK            13:30:40.5
            -                    -        -           -                -
            -                    -        -           -                -
            -                    -        -           -                -
            -                    true     13:30:00    REJECT           13:30:40.5
            -                    -        -           -                -
            -                    false    -           NOT_REACHED      -
            -                    -        -           -                -

            episode_id
            ESZ5_2025-10-01_at_up_1759325390
            ESZ5_2025-10-01_at_up_1759325390
            ESZ5_2025-10-01_through_up_1759325390
            ESZ5_2025-10-01_through_up_1759325390
            ESZ5_2025-10-01_past_up_1759325390
            ESZ5_2025-10-01_past_up_1759325390
            ESZ5_2025-10-01_back_down_1759325390
            ESZ5_2025-10-01_back_down_1759325390
            ESZ5_2025-10-01_again_down_1759325390
            ESZ5_2025-10-01_again_down_1759325390
        """,
    ),
    Case(
        "labels_across_a_gap_of_the_recording",
        """Nothing is known between the last record before a gap, at 13:31:00.2, and the first after
        it. A label that hit before stays, one that did not is CENSORED at the end of the gap's
        first second, one that begins inside the gap at once, and one that begins where the gap ends
        is as if there were none. A label that the gap cut is known when the gap is over. The trade
        of the gap's first second still counts, one of the next second, with the gap's last record,
        does not.""",
        variables={"horizons_s": {"s60": 60}, "horizon_bars": -1},
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    case when i between 63 and 70 then 64 else 0 end as invalid_flags
                from range(300) as r (i)
            """,
            "recording_gaps": """
                gap_start_ts  gap_end_ts  known_at_ts
                13:31:00.2    13:31:40    13:31:40
                13:31:00.9    13:31:01.1  13:31:01.1
            """,
            "level_decisions": """
                symbol=ESZ5  dt=2025-10-01  is_eligible=true  decision_phase=approaching
                barrier_min_ticks=4
                level_id      window_end_ts  approach_dir   x_ticks  level_tick  first_window_end_ts
                before        13:30:00       approach_up    -2       100         13:30:00
                first_second  13:30:30       approach_up    -2       100         13:30:30
                across        13:30:30       approach_up    -2       101         13:30:30
                hit           13:30:30       approach_down  -2       98          13:30:30
                inside        13:31:20       approach_up    -3       111         13:31:20
                after         13:31:40       approach_up    -3       111         13:31:40
            """,
            "contract_trades": """
                trade_no  ts_event    window_start_ts  price_int
                1         13:30:40    13:30:40         1060
                2         13:31:00.1  13:31:00         1080
                3         13:31:01    13:31:01         1090
                4         13:31:50    13:31:50         1190
            """,
        },
        expected="""
            level_id      barrier_kind  outcome   outcome_reached  reached  exit_x_ticks
            before        fixed         CHOP      CHOP             true     6
            before        vol           -         -                -        -
            first_second  fixed         BREAK     BREAK            true     8
            first_second  vol           -         -                -        -
            across        fixed         CENSORED  CENSORED         true     -
            across        vol           -         -                -        -
            hit           fixed         REJECT    REJECT           true     -8
            hit           vol           -         -                -        -
            inside        fixed         CENSORED  CENSORED         -        -
            inside        vol           -         -                -        -
            after         fixed         BREAK     BREAK            true     8
            after         vol           -         -                -        -

            label_end_ts
            13:31:00
            -
            13:31:02
            -
            13:31:02
            -
            13:31:02
            -
            13:31:40
            -
            13:32:50
            -
        """,
    ),
)
