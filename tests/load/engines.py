"""The engines that a house stands on, each of which can be killed and brought back on the data that it had."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
import sqlalchemy as sa

from tests.deadlines import PATIENCE
from tests.fixtures.redis_servers import redis_server_binary
from wecom_bot import processes

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"))
_POLL = 0.05


@dataclass
class Engine:
    """A server on a folder, with a socket there, or a port of this machine where one is given."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What starts it."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it would do its work."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "output.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, preexec_fn=processes.before_exec()  # noqa: PLW1509 - two system calls
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, (self.folder / "output.log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < end, f"{type(self).__name__} did not start in {PATIENCE:g} s"
            time.sleep(_POLL)  # to look again; nobody would tell us

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def hang(self) -> None:
        """It takes connections and answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers what it was asked meanwhile."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it for good."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


class Redis(Engine):
    """A Redis of the machine that writes everything down before it answers."""

    @property
    def url(self) -> str:
        """For WECOM_BOT_REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.folder / 'redis.sock'}"

    def command(self) -> list[str]:
        place = ["--port", str(self.port), "--unixsocket", str(self.folder / "redis.sock"), "--dir", str(self.folder)]
        return [redis_server_binary(), *place, "--save", "", "--appendonly", "yes", "--appendfsync", "always"]

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:  # it is still reading what it wrote down
            return False


class MariaDb(Engine):
    """A MariaDB whose commits outlast it."""

    @property
    def socket(self) -> Path:
        return self.folder / "sql.sock"

    @property
    def url(self) -> str:
        """For WECOM_BOT_DATABASE_URL."""
        host = f"127.0.0.1:{self.port}" if self.port else "localhost"
        return f"mysql+pymysql://root@{host}/wecom_bot" + ("" if self.port else f"?unix_socket={self.socket}")

    def install(self) -> None:
        """Make its files, start it, and make an empty database."""
        install = shutil.which("mariadb-install-db", path=_PLACES)
        assert install, "mariadb-install-db is missing: apt-get install mariadb-server"
        self.folder.mkdir(parents=True, exist_ok=True)
        data = f"--datadir={self.folder / 'data'}"
        command = [install, "--no-defaults", data, "--auth-root-authentication-method=normal", *_AS_ROOT]
        # whoever starts removes what another has for the moment in the same folder
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "TMPDIR": str(self.folder)})
        self.start()
        self._ask("CREATE DATABASE wecom_bot")

    def command(self) -> list[str]:
        server = shutil.which("mariadbd", path=_PLACES)
        assert server, "mariadbd is missing: apt-get install mariadb-server"
        door = (
            ["--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve"]
            if self.port
            else ["--skip-networking"]
        )
        place = [f"--datadir={self.folder / 'data'}", f"--socket={self.socket}", "--skip-log-bin", *door]
        place.append(f"--tmpdir={self.folder}")
        small = ["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M"]
        return [server, "--no-defaults", *place, *small, *_AS_ROOT]

    def answers(self) -> bool:
        try:
            self._ask("SELECT 1")
        except sa.exc.OperationalError:
            return False
        return True

    def _ask(self, statement: str) -> None:
        engine = sa.create_engine(f"mysql+pymysql://root@localhost/mysql?unix_socket={self.socket}")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


_AS_ROOT = ["--user=root"] if os.geteuid() == 0 else []
