#!/usr/bin/env bash
# 测试和演练用的真 MariaDB：只听一个套接字文件，root 没有密码，数据随停随删；不用于生产。
# A real MariaDB for tests and drills: on a socket file only, root without a password, its data goes when it stops.
#
#   mariadb.sh start   在后台启动（已在跑就不动）/ start it in the background, unless it runs
#   mariadb.sh url     它的地址，给 TEST_MYSQL_URL / its URL
#   mariadb.sh run     在前台跑，谁启动谁管 / run it in the foreground, for who started it
#   mariadb.sh stop    停下，删掉数据 / stop it and remove its data
#
# MARIADB_FOLDER   放哪里；换一个就是另一个服务器，路径不能太长 / where it lies: another folder, another server; a short path
set -euo pipefail

readonly patience=120 # seconds until it answers
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly root
folder=$(realpath -m -- "${MARIADB_FOLDER:-/tmp/wecom-bot-mariadb-$(id -u)-$(printf %s "$root" | cksum | cut -d' ' -f1)}")
readonly folder
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec

# nothing here has to survive a power cut, and every table of ours is small
readonly options=(
  --no-defaults
  --datadir="$folder/data" --socket="$folder/socket" --pid-file="$folder/pid" --skip-networking
  --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M --innodb-log-file-size=16M --innodb-doublewrite=0
  --skip-log-bin --max-connections=500
)
user=()
[ "$(id -u)" = 0 ] && user=(--user=root)

say() { printf '%s\n' "mariadb: $*" >&2; }
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
  printf 'mysql+pymysql://root@localhost/mysql?unix_socket=%s\n' "$folder/socket"
}

lay_out() { # an empty server
  command -v mariadbd >/dev/null || die "没有 MariaDB：apt-get install mariadb-server / there is no MariaDB"
  [ -d "$folder/data" ] && return
  rm -rf "$folder/begun" # broken off
  # from within, for it takes no blank in a path; and a TMPDIR of its own: who starts removes what another has there;
  # no test database: with it comes a user without a name, who goes before 'anybody'@'%' at localhost
  (cd "$folder" && TMPDIR=. mariadb-install-db --no-defaults --skip-test-db --datadir=./begun \
    --auth-root-authentication-method=normal "${user[@]}" >log 2>&1 8>&-) || die "装不好，看 / it cannot be laid out, see $folder/log"
  mv "$folder/begun" "$folder/data"
}

run() {
  alone
  lay_out
  TMPDIR=$folder exec mariadbd "${options[@]}" "${user[@]}" 8>&-
}

start() {
  alone
  alive && return
  lay_out
  TMPDIR=$folder setsid mariadbd "${options[@]}" "${user[@]}" >>"$folder/log" 2>&1 </dev/null 8>&- &
  for ((waited = 0; waited < 10 * patience; waited++)); do
    mariadb-admin --no-defaults --socket="$folder/socket" --user=root ping >/dev/null 2>&1 && break
    kill -0 "$!" 2>/dev/null || die "没起来，看 / it did not start, see $folder/log"
    sleep 0.1
  done
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
