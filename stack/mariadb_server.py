"""MariaDB: where the sink writes, and its tables."""

import pymysql

from folder import TREE
from ports import LOOPBACK
from problem import Problem
from program import SERVERS, FirstData, Program, this_user

NAME = "mariadb"
USER = DATABASE = "sluice"

# It wants to give up root, and could then not read a checkout below a closed home: a stack that root started runs it as root.
# The socket's path is relative to datadir, because a unix socket's path may not be longer than 107 bytes.
_SETTINGS = """[mariadbd]
user={user}
datadir={data}
bind-address={address}
port={port}
socket=mariadb.sock
pid-file=mariadb.pid
tmpdir={temporary}
init-file={users}
skip-name-resolve
performance_schema=OFF
character-set-server=utf8mb4
transaction-isolation=READ-COMMITTED
innodb_buffer_pool_size=128M
innodb_log_file_size=64M
max_connections=100
"""
# Run at every start. Tests may make databases of their own beside `sluice`.
_USERS = """CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '{user}'@'{address}';
ALTER USER '{user}'@'{address}' IDENTIFIED BY '{password}';
GRANT ALL ON `{database}%`.* TO '{user}'@'{address}';
"""


def write_settings(folder, ports):
    password = folder.secret("mysql_password").read_text()
    users = folder.write_settings("mariadb.sql", _USERS.format(database=DATABASE, user=USER, address=LOOPBACK, password=password))
    values = {"user": this_user(), "data": folder.data(NAME), "address": LOOPBACK, "port": ports["mariadb"], "users": users,
              "temporary": _temporary(folder)}
    folder.write_settings("mariadb.cnf", _SETTINGS.format(**values))


def first_data(folder, _ports):
    """None when there are data. Root in the database is who started the stack, by the socket, without a password. Without --force it
    refuses machines that cannot look up their own name, which it does not need."""
    place = folder.data(NAME)
    if place.exists():
        return None
    options = [f"--tmpdir={_temporary(folder)}", f"--user={this_user()}", f"--auth-root-socket-user={this_user()}", "--skip-test-db", "--force"]
    return FirstData(folder, "MariaDB", place, lambda path: ["/usr/bin/mariadb-install-db", "--no-defaults", f"--datadir={path}", *options])


def program(folder, ports):
    command = ["/usr/sbin/mariadbd", f"--defaults-file={folder.settings('mariadb.cnf')}"]
    return Program(NAME, command, SERVERS, lambda: _problem(folder, ports), ports=["mariadb"], stop_seconds=20)


def create_tables(folder, ports):
    """Idempotent, since the files say IF NOT EXISTS."""
    with _connect(folder, ports, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        for file in sorted((TREE / "schemas/mysql").glob("*.sql")):
            try:
                cursor.execute(file.read_text())
                while cursor.nextset():
                    pass
            except pymysql.MySQLError as error:
                raise Problem(f"MariaDB refuses {file.relative_to(TREE)}: {error.args[-1]}") from error


def _temporary(folder):
    """A place of its own: at its start a server removes temporary tables from there, also those of another one that runs."""
    path = folder.run("mariadb")
    path.mkdir(exist_ok=True)
    return path


def _problem(folder, ports):
    try:
        _connect(folder, ports).close()
    except pymysql.MySQLError as error:
        return str(error.args[-1])
    return None


def _connect(folder, ports, **more):
    password = folder.secret("mysql_password").read_text()
    place = {"host": LOOPBACK, "port": ports["mariadb"], "database": DATABASE}
    return pymysql.connect(**place, user=USER, password=password, connect_timeout=2, **more)
