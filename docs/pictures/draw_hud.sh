#!/bin/sh
# Draw the pictures of docs/hud.md from the lake of the demonstration.
set -eu
cd "$(dirname "$0")"

draw() {
    name=$1
    shift
    uv run spymaster hud --symbol ESZ5 --out "$name.png" --no-card "$@"
}

near="--dt 2025-10-16 --seconds 450 --ticks 40 --second-pixels 2 --tick-pixels 6"
for layer in physics wall gex strikes spot trades; do
    draw "hud_$layer" $near --end 09:44:30 --layers "grid,$layer,separator"
done
# darkness is seen over what it darkens
draw hud_vacuum $near --end 09:44:30 --layers wall,vacuum,grid,separator
# the levels of the pre-market become final at 09:30
draw hud_levels $near --end 09:33:00 --layers grid,levels,separator
draw hud_scores $near --end 09:44:30 --layers wall,grid,levels,spot,scores,separator
draw hud $near --end 09:44:30 --card
draw hud_light $near --end 09:44:30 --card --theme light

# no second of the demonstration is missing or invalid: a lake made by hand
export SPYMASTER_LAKE="$(mktemp -d)"
trap 'rm -rf "$SPYMASTER_LAKE"' EXIT
PYTHONPATH=../../tests/python uv run python -c "
import os, pathlib
from spymaster_ingest.lake import Lake
from support.hud_lake import write_lake
write_lake(Lake(pathlib.Path(os.environ['SPYMASTER_LAKE'])))"
draw hud_quality --dt 2025-10-01 --end 10:06:11 --seconds 90 --ticks 45 \
    --second-pixels 8 --tick-pixels 5 --layers wall,quality,grid,spot,separator
