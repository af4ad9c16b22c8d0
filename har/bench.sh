#!/usr/bin/env bash
# Compares prvgap analyze, as a whole process, with other tools on the same invented captures, and prints a table in
# Markdown: the median of interleaved rounds, warm page cache, as a throughput and as a multiple of GNU grep's.
#
#   har/bench.sh [ROUNDS [MEGABYTES...]]      by default 9 rounds over 100 and 1000 MB
#
# It needs room for twice the captures in $TMPDIR, and takes jq and ripgrep along if they are installed. Grep stops at its
# first hit when its output is /dev/null, hence the file.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-9}
sizes=("${@:2}")
[ ${#sizes[@]} -gt 0 ] || sizes=(100 1000)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/prvgap" ./cmd/prvgap

# one runs a tool on a capture and prints how many seconds that took.
one() {
  local tool=$1 file=$2 text='"status": 403'
  case $file in *compact*) text='"status":403' ;; esac
  case $tool in
    grep) set -- grep -c "$text" "$file" ;;
    rg) set -- rg -j1 --no-mmap -c "$text" "$file" ;;
    jq) set -- jq '[.log.entries[] | select(.response.status == 403) | .request.url]' "$file" ;;
    strict) set -- env GOMAXPROCS=1 "$dir/prvgap" analyze --strict "$file" --format json ;;
    one) set -- env GOMAXPROCS=1 "$dir/prvgap" analyze "$file" --format json ;;
    two) set -- env GOMAXPROCS=2 "$dir/prvgap" analyze "$file" --format json ;;
  esac
  local TIMEFORMAT=%R
  { time "$@" >"$dir/out" 2>"$dir/err" || [ $? = 1 ]; } 2>&1 # 1 says that there are denials
}

# median prints the one of a file of numbers.
median() { sort -n "$1" | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

tools=(grep)
for tool in rg jq; do
  if command -v $tool >/dev/null; then tools+=($tool); else echo "$tool is not installed" >&2; fi
done
tools+=(strict one two)
declare -A label=([grep]='`grep -c`' [rg]='`rg -c`' [jq]='`jq`, selecting by status' [strict]='`prvgap analyze --strict`'
  [one]='`prvgap analyze`, one core' [two]='`prvgap analyze`, two cores')

files=()
for mb in "${sizes[@]}"; do
  PRVGAP_GENERATE=$dir/indented.$mb.har PRVGAP_GENERATE_BYTES=${mb}000000 go test ./har -count=1 -run '^TestGenerate$' >/dev/null
  # No line break is inside a string, so taking all of them out leaves the same JSON on one line.
  sed 's/^ *//; s/": /":/' "$dir/indented.$mb.har" | tr -d '\n' >"$dir/compact.$mb.har"
  files+=("indented.$mb" "compact.$mb")
done
for file in "${files[@]}"; do
  for ((round = 0; round <= rounds; round++)); do
    for tool in "${tools[@]}"; do
      # jq takes a hundred times as long as the others, and the first round only warms up.
      [ "$tool" != jq ] || [ $round -lt 3 ] || continue
      took=$(one "$tool" "$dir/$file.har")
      [ $round = 0 ] || echo "$took" >>"$dir/$file.$tool"
    done
    printf '%s: %d/%d\r' "$file" "$round" "$rounds" >&2
  done
done

echo "$(awk -F': *' '/model name/ {print $2; exit}' /proc/cpuinfo), $(nproc) cores, $(go env GOVERSION), $(date -u +%F), medians of $rounds rounds"
echo
printf '| |'
for file in "${files[@]}"; do printf ' %s MB, %s |' "${file#*.}" "${file%.*}"; done
printf '\n|---|'
for file in "${files[@]}"; do printf -- '--:|'; done
echo
for tool in "${tools[@]}"; do
  printf '| %s |' "${label[$tool]}"
  for file in "${files[@]}"; do
    awk -v t="$(median "$dir/$file.$tool")" -v g="$(median "$dir/$file.grep")" -v b="$(stat -c %s "$dir/$file.har")" \
      'BEGIN {printf " %.0f MB/s, %.2f× |", b / t / 1e6, g / t}'
  done
  echo
done
