#!/bin/sh
# Stands for apt-get where the programs are the machine's own: does what the packages' scripts would, and knows no others.
set -eu
[ "$1" = install ]
for each; do
  case $each in
    install | -*) ;;
    git | make | curl | openssl) command -v "$each" >/dev/null ;;
    ca-certificates) command -v update-ca-certificates >/dev/null && install -d /usr/local/share/ca-certificates ;;
    python3-venv) python3 -c 'import venv, ensurepip' ;;
    redis-server)
      install -d -m 0750 -o redis -g redis /var/lib/redis /var/log/redis
      systemctl start redis-server
      ;;
    mariadb-server)
      install -d -m 0755 -o mysql -g mysql /var/lib/mysql /run/mysqld
      mariadb-install-db --user=mysql --datadir=/var/lib/mysql --skip-test-db >/dev/null
      systemctl start mariadb
      ;;
    nginx)
      install -d -m 0755 /var/log/nginx /var/lib/nginx
      systemctl start nginx
      ;;
    *)
      echo "E: Unable to locate package $each" >&2
      exit 100
      ;;
  esac
done
