#!/usr/bin/env bash
# 测试和演练用的真 Redis：只听一个套接字文件，写了就追加到文件（每秒落盘一次），数据随停随删；不用于生产。
# A real Redis for tests and drills: on a socket file only, synced once a second, its data goes when it stops. Not for production.
#
#   redis.sh start   在后台启动（已在跑就不动）/ start it in the background, unless it runs
#   redis.sh url     它的地址，给 WECOM_BOT_REDIS_URL / its URL
#   redis.sh run     在前台跑，谁启动谁管 / run it in the foreground, for who started it
#   redis.sh stop    停下，删掉数据 / stop it and remove its data
#
# REDIS_FOLDER   放哪里；换一个就是另一个服务器，路径不能太长 / where it lies: another folder, another server; a short path
set -euo pipefail

readonly patience=60 # seconds until it answers
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly root
folder=$(realpath -m -- "${REDIS_FOLDER:-/tmp/wecom-bot-redis-$(id -u)-$(printf %s "$root" | cksum | cut -d' ' -f1)}")
readonly folder
readonly socket=$folder/redis.sock

# as the bot wants one, but for appendfsync: a kill loses nothing, a power cut might; nothing is evicted
readonly options=(
  --dir "$folder" --port 0 --unixsocket "$socket" --pidfile "$folder/pid"
  --save "" --appendonly yes --maxmemory-policy noeviction
)

say() { printf '%s\n' "redis: $*" >&2; }
die() { say "$@"; exit 1; }

alive() { # whether it runs; after a crash its number may be that of another process, which names no such folder
  local pid
  pid=$(cat "$folder/pid" 2>/dev/null) && [ -n "$pid" ] && grep -qaF -- "$folder/" "/proc/$pid/cmdline" 2>/dev/null
}

alone() { # nobody else begins or ends it meanwhile; who has the lock says that the folder is ours
  mkdir -p "$folder"
  exec 8>"$folder/lock"
  flock 8
}

url() {
  alive || die "没有在跑 / none runs in $folder"
  printf 'unix://%s\n' "$socket"
}

lay_out() {
  command -v redis-server >/dev/null || die "没有 Redis：apt-get install redis-server / there is no Redis"
}

run() {
  alone
  lay_out
  exec redis-server "${options[@]}" 8>&-
}

start() {
  alone
  alive && return
  lay_out
  setsid redis-server "${options[@]}" >>"$folder/log" 2>&1 </dev/null 8>&- &
  for ((waited = 0; waited < 10 * patience; waited++)); do
    redis-cli -s "$socket" ping >/dev/null 2>&1 && alive && break
    kill -0 "$!" 2>/dev/null || break
    sleep 0.1
  done
  alive || die "没起来，看 / it did not start, see $folder/log"
  say "在跑 / runs: $(url)"
}

stop() {
  [ ! -e "$folder" ] || [ -e "$folder/lock" ] || die "不是它的文件夹，不删 / not a folder of its own, not removed: $folder"
  if alive; then
    local pid
    pid=$(cat "$folder/pid")
    kill -9 "$pid" # nothing here is to be kept
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
  fi
  rm -rf "$folder"
  say "停了，数据删了 / stopped, and its data removed: $folder"
}

case ${1:-} in
  start | url | run | stop) "$1" ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
