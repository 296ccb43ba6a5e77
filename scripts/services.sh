# Private PostgreSQL and Redis for one run, to be sourced. Both live in one temporary folder, on
# free ports, and go with it.
#   services_install QUICK   installs missing packages (needs root)
#   services_start           exports RELEVO_TEST_PG_URL and RELEVO_TEST_REDIS_URL; further options of
#                            PostgreSQL are taken from services_pg_options
#   services_stop            stops both and removes the folder

services_folder=

# A program of PostgreSQL's: Debian keeps them out of the search path. The newest counts.
pg_program() {
  local found
  found=$(find /usr/lib/postgresql -path "*/bin/$1" 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || found=$(command -v "$1" || true)
  [ -n "$found" ] && echo "$found"
}

services_install() {
  local missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  pg_program initdb >/dev/null || missing+=(postgresql)
  python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
  if [ "$1" = no ]; then
    command -v chromium >/dev/null || missing+=(chromium)
    command -v node >/dev/null || missing+=(nodejs npm)
  fi
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]}; install them, or run as root where apt-get is" >&2
    return 1
  fi
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # The packages' own services would only take memory: what is needed is started privately.
  local no_start=/usr/sbin/policy-rc.d had=no
  [ -e "$no_start" ] && had=yes
  [ "$had" = yes ] || { printf '#!/bin/sh\nexit 101\n' >"$no_start" && chmod +x "$no_start"; }
  local status=0
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || status=$?
  [ "$had" = yes ] || rm -f "$no_start"
  return "$status"
}

# A server that speaks S3's protocol, in a Python environment of its own.
moto_version=5.1.22
moto_install() {
  export RELEVO_TEST_MOTO=${RELEVO_TEST_MOTO:-$(command -v moto_server || true)}
  [ -z "$RELEVO_TEST_MOTO" ] || return 0
  local home=${XDG_CACHE_HOME:-$HOME/.cache}/relevo/moto-$moto_version
  if [ ! -x "$home/bin/moto_server" ]; then
    python3 -m venv --clear "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$moto_version"
  fi
  export RELEVO_TEST_MOTO=$home/bin/moto_server
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# initdb and pg_ctl refuse to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

services_start() {
  services_folder=$(mktemp -d -t relevo-services-XXXXXX)
  chmod 755 "$services_folder"
  local pg=$services_folder/postgres port
  mkdir "$pg"
  [ "$(id -u)" -ne 0 ] || chown postgres "$pg"
  # Durable as in production (fsync on): tests that kill processes must not be kinder than life.
  (cd "$pg" && as_postgres "$(pg_program initdb)" -D "$pg/data" -U postgres -A trust -E UTF8 \
    --locale=C.UTF-8 -N >"$services_folder/initdb.log" 2>&1) || { cat "$services_folder/initdb.log"; return 1; }
  port=$(free_port)
  (cd "$pg" && as_postgres "$(pg_program pg_ctl)" start -D "$pg/data" -w -t 60 -l "$pg/log" \
    -o "-p $port -k $pg -c listen_addresses=127.0.0.1 -c max_connections=300 ${services_pg_options:-}" >/dev/null) \
    || { cat "$pg/log"; return 1; }
  export RELEVO_TEST_PG_URL="postgres://postgres@127.0.0.1:$port/postgres"

  port=$(free_port)
  redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize yes \
    --dir "$services_folder" --pidfile "$services_folder/redis.pid" \
    --logfile "$services_folder/redis.log" >/dev/null
  timeout 20 bash -c "until redis-cli -p $port ping >/dev/null 2>&1; do :; done" \
    || { cat "$services_folder/redis.log"; return 1; }
  export RELEVO_TEST_REDIS_URL="redis://127.0.0.1:$port/"
}

services_stop() {
  [ -n "$services_folder" ] || return 0
  local data=$services_folder/postgres/data
  if [ -f "$data/postmaster.pid" ]; then
    (cd / && as_postgres "$(pg_program pg_ctl)" stop -D "$data" -m immediate -w >/dev/null) || true
  fi
  if [ -f "$services_folder/redis.pid" ]; then
    kill "$(cat "$services_folder/redis.pid")" 2>/dev/null || true
  fi
  rm -rf "$services_folder"
  services_folder=
}
