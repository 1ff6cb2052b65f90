-- noqa: disable=LT02,RF04,ST05
{{ partitioned_by('turn_calibration_sessions', storage='table') }}

{{ config(prepare='set_calibration_dates') }}

{{ turn_usual_sizes('turn_calibration_sessions', 'turn_sizes', 'turn_measures_1s') }}
