#!/bin/sh
# Two small surges on the same local cloud: the second is predicted from what the first
# measured. `make calibrate` starts the cloud around it.
set -eu
out=${1:-target/calibrate}
flotilla surge --profile black-friday --duration 60 --peak 60 --seed 1 --report "$out/first/report.html"
flotilla surge --profile spike --duration 60 --peak 90 --seed 2 --report "$out/second/report.html"
flotilla plan --measured "$out/first/measured.json" --predict "$out/second/measured.json" --out "$out"
