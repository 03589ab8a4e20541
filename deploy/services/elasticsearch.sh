#!/usr/bin/env bash
# 测试和演练用的真 Elasticsearch：只听本机，不设登录，数据随停随删；不用于生产。
# A real Elasticsearch for tests and drills: loopback only, no login, its data goes when it stops. Not for production.
#
#   elasticsearch.sh fetch      从 Maven 取来、解开，放进缓存 / fetch it with Maven into the cache
#   elasticsearch.sh start [N]  启动 N 个节点（默认 1），死掉的重新拉起 / start N nodes (1), and those that died again
#   elasticsearch.sh urls       各节点的地址，逗号隔开 / the nodes' addresses, with commas between them
#   elasticsearch.sh stop       全部停下，删掉数据 / stop them all and remove their data
#
# ELASTICSEARCH_FOLDER            节点放哪里；换一个就是另一个集群 / where the nodes lie: another folder, another cluster
# ES_JAVA_HOME                    用哪个 Java（17 以上）/ which Java (17 or newer)
#
# 每个节点一个文件夹 node-1 …，里面有 pid、url、logs / each node has a folder node-1 ... with pid, url and logs
set -euo pipefail

readonly version=8.19.5
readonly artifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip
readonly user=wecom-bot-search # Elasticsearch never runs as root
readonly patience=180          # seconds until all nodes have found each other
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly root

if [ "$(id -u)" = 0 ]; then
  default_cache=/var/cache # nobody else may look into root's own
else
  default_cache=$HOME/.cache
fi
readonly cache=${XDG_CACHE_HOME:-$default_cache}/wecom_bot
readonly home=$cache/elasticsearch-$version
folder=$(realpath -m -- "${ELASTICSEARCH_FOLDER:-/tmp/wecom-bot-elasticsearch-$(id -u)-$(printf %s "$root" | cksum | cut -d' ' -f1)}")
readonly folder
PATH=$PATH:/usr/sbin:/sbin # useradd and runuser

say() { printf '%s\n' "elasticsearch: $*" >&2; }
die() { say "$@"; exit 1; }

as_nobody() { # run it as a user without rights
  if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

own() { # let that user write there
  if [ "$(id -u)" = 0 ]; then chown -R "$user": "$@"; fi
}

java_home() {
  if [ -n "${ES_JAVA_HOME:-}" ]; then printf '%s\n' "$ES_JAVA_HOME"; return; fi
  command -v java >/dev/null || die "没有 Java：apt-get install default-jre-headless / there is no Java"
  local java
  java=$(readlink -f "$(command -v java)")
  printf '%s\n' "${java%/bin/java}"
}

fetch() {
  [ -x "$home/bin/elasticsearch" ] && return
  command -v mvn >/dev/null || die "没有 Maven：apt-get install maven / there is no Maven"
  mkdir -p "$cache"
  exec 9>"$cache/elasticsearch.lock"
  flock 9 # somebody else may be fetching it
  if [ ! -x "$home/bin/elasticsearch" ]; then
    local apart=$cache/fetching
    rm -rf "$apart"
    mkdir "$apart"
    say "用 Maven 取 / fetching with Maven: $artifact (97 MB)"
    mvn -q -B dependency:copy -Dartifact="$artifact" -DoutputDirectory="$apart"
    python3 -m zipfile -e "$apart"/*.zip "$apart/unzipped"
    chmod -R go+rX "$apart/unzipped"
    chmod +x "$apart/unzipped/elasticsearch-$version/bin/"*
    mv "$apart/unzipped/elasticsearch-$version" "$home"
    rm -rf "$apart"
    say "放在 / it lies in $home"
  fi
  exec 9>&-
}

free_ports() { # as many ports of the loopback that nobody listens on, below those that connections going out are given
  python3 - "$1" <<'PYTHON'
import random, socket, sys
found = []
for port in random.sample(range(30000, 32768), 2768):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        continue
    found.append(port)
    if len(found) == int(sys.argv[1]):
        break
print(*found)
PYTHON
}

alive() { # whether the node of this folder runs; after a crash its number may be that of another process
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] && grep -qaF -- "$1/" "/proc/$pid/cmdline" 2>/dev/null
}

settings() { # of one node: its folder, its ports, and how it finds the others
  local node=$1 http=$2 transport=$3 discovery=$4
  mkdir -p "$node"/{config,data,logs,tmp}
  cp "$home"/config/{jvm.options,log4j2.properties} "$node/config/"
  cat >"$node/config/elasticsearch.yml" <<YAML
cluster.name: $(basename "$folder")
node.name: $(basename "$node")
path.data: $node/data
path.logs: $node/logs
network.host: 127.0.0.1
http.port: $http
transport.port: $transport
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
$discovery
YAML
  printf 'http://127.0.0.1:%s\n' "$http" >"$node/url"
}

lay_out() { # the folders of a new cluster
  local count=$1 number ports seeds=() names=() discovery='discovery.type: single-node'
  read -r -a ports <<<"$(free_ports $((2 * count)))"
  for ((number = 1; number <= count; number++)); do
    seeds+=("127.0.0.1:${ports[2 * number - 1]}")
    names+=("node-$number")
  done
  if ((count > 1)); then
    discovery=$(IFS=, && printf 'discovery.seed_hosts: [%s]\ncluster.initial_master_nodes: [%s]' "${seeds[*]}" "${names[*]}")
  fi
  for ((number = 1; number <= count; number++)); do
    settings "$folder/node-$number" "${ports[2 * number - 2]}" "${ports[2 * number - 1]}" "$discovery"
  done
  own "$folder"
}

launch() { # one node, in the background; it writes its pid when it is up
  local node=$1
  rm -f "$node/pid"
  as_nobody env -i PATH="$PATH" HOME="$node" LANG=C.UTF-8 ES_JAVA_HOME="$(java_home)" ES_PATH_CONF="$node/config" \
    ES_TMPDIR="$node/tmp" ES_JAVA_OPTS='-Xms512m -Xmx512m' \
    "$home/bin/elasticsearch" -d -p "$node/pid" >"$node/output" 2>&1 </dev/null 8>&-
}

healthy() { # wait until all nodes have found each other and no shard is missing
  local count=$1 url=$2 status=yellow
  ((count > 1)) && status=green
  curl --silent --fail --noproxy '*' --retry "$patience" --retry-delay 1 --retry-connrefused --retry-max-time "$patience" \
    "$url/_cluster/health?wait_for_nodes=$count&wait_for_status=$status&timeout=${patience}s" >/dev/null
}

start() {
  local count=$1 node launches=() each
  fetch
  if [ "$(id -u)" = 0 ] && ! id "$user" >/dev/null 2>&1; then
    useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
    say "加了用户 $user / made the user $user: Elasticsearch does not run as root"
  fi
  as_nobody test -r "$home/bin/elasticsearch" || die "用户 $user 读不了 $home / $user cannot read it: set XDG_CACHE_HOME"
  mkdir -p "$folder"
  exec 8>"$folder/lock"
  flock 8 # nobody else begins it meanwhile
  [ -d "$folder/node-1" ] || lay_out "$count"
  for node in "$folder"/node-*; do
    alive "$node" && continue
    launch "$node" &
    launches+=("$!")
  done
  for each in "${launches[@]}"; do
    wait "$each" || die "没起来，看 / it did not start, see $folder/node-*/output"
  done
  set -- "$folder"/node-*
  healthy "$#" "$(cat "$1/url")" || die "没有就绪，看 / it is not healthy, see $folder/node-*/logs"
  say "$# 个节点在跑 / nodes run: $(urls)"
}

urls() {
  [ -d "$folder/node-1" ] || die "没有在跑 / none runs in $folder"
  cat "$folder"/node-*/url | paste -sd, -
}

stop() {
  local node pid
  [ ! -e "$folder" ] || [ -e "$folder/lock" ] || [ -d "$folder/node-1" ] || die "不是它的文件夹，不删 / not a folder of its own, not removed: $folder"
  for node in "$folder"/node-*; do
    alive "$node" || continue
    pid=$(cat "$node/pid")
    kill -9 "$pid" 2>/dev/null || true # nothing here is to be kept
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
  done
  rm -rf "$folder"
  say "停了，数据删了 / stopped, and its data removed: $folder"
}

case ${1:-} in
  fetch) fetch ;;
  start) start "${2:-1}" ;;
  urls) urls ;;
  stop) stop ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
