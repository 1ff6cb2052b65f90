-- Four readings and both scores in the seconds around the turn of the picture: who retreats, who pulls
select
    strftime(timezone('America/New_York', timezone('UTC', radar.window_end_ts)), '%H:%M:%S')
        as new_york,
    radar.spot_ref_price as spot,
    round(radar.f1_ask_com_disp_log, 3) as asks_retreat,
    round(radar.f2_ask_pull_add_log_rest, 2) as asks_pulled,
    round(radar.f3_bid_com_disp_log, 3) as bids_recede,
    round(radar.f4_bid_pull_add_log_rest, 2) as bids_pulled,
    round(bands.above_score, 2) as ease_up,
    round(bands.below_score, 2) as ease_down
from silver.radar_vacuum_1s as radar
inner join silver.physics_bands_1s as bands using (symbol, dt, window_end_ts)
where
    radar.symbol = 'ESZ5'
    and radar.window_end_ts between timestamp '2025-10-16 13:52:08' and timestamp '2025-10-16 13:52:16'
order by radar.window_end_ts;
