"""Debian's supervisord over the programs of a stack: its settings, its start, and what it can be told over its socket."""

import os
import resource
import shlex
import socket
import subprocess
import time
import xmlrpc.client

from supervisor.xmlrpc import SupervisorTransport

from folder import MARK, TREE
from problem import Problem

UNLESS_HELD = TREE / "stack/unless_held"
# States of supervisor's documentation.
_FAILING = {"BACKOFF", "FATAL", "UNKNOWN"}
_ALREADY_STARTED, _NOT_RUNNING = 60, 70
_BEGIN_SECONDS = 10


class Supervision:
    def __init__(self, folder, attached=False):
        self._folder = folder
        self._attached = attached

    @property
    def _server(self):
        """A new connection for each call: one that failed is not usable again, and threads must not share one."""
        transport = SupervisorTransport(None, None, f"unix://{self._folder.supervisor_socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)

    def write_settings(self, programs):
        self._folder.write_settings("supervisord.conf", _settings(self._folder, programs))

    def running(self):
        try:
            return self._server.supervisor.getState()["statename"] == "RUNNING"
        except (OSError, xmlrpc.client.Error, ValueError):
            return False

    def begin(self):
        """Starts supervisord, which starts no program by itself. It and all its children carry the mark."""
        self._folder.supervisor_socket.unlink(missing_ok=True)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            problem = self._begin_attached() if self._attached else self._begin_detached()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if problem is not None:
            raise Problem(f"supervisord does not start: {problem.strip()}{self._folder.last_lines('supervisord')}")

    def _begin_detached(self):
        done = subprocess.run(self._command, env=self._environment, capture_output=True, text=True, check=False)
        return (done.stderr or done.stdout) if done.returncode else None

    def _begin_attached(self):
        process = subprocess.Popen([*self._command, "--silent", "--nodaemon"], env=self._environment, process_group=0)
        until = time.monotonic() + _BEGIN_SECONDS
        while not self.running():
            if process.poll() is not None:
                return f"it has ended with {process.returncode}"
            if time.monotonic() > until:
                process.kill()
                return f"it does not answer for {_BEGIN_SECONDS} s"
            time.sleep(0.02)
        return None

    @property
    def _command(self):
        return ["/usr/bin/supervisord", "-c", self._folder.settings("supervisord.conf")]

    @property
    def _environment(self):
        return {**os.environ, MARK: str(self._folder.path)}

    def reread(self):
        """Takes over settings that changed; programs that they concern are stopped, and started by whoever starts all."""
        added, changed, removed = self._server.supervisor.reloadConfig()[0]
        for name in changed + removed:
            self._server.supervisor.stopProcessGroup(name)
            self._server.supervisor.removeProcessGroup(name)
        for name in added + changed:
            self._server.supervisor.addProcessGroup(name)

    def start(self, name):
        try:
            self._server.supervisor.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != _ALREADY_STARTED:
                raise Problem(f"supervisord cannot start {name}: {fault.faultString}{self._folder.last_lines('supervisord')}") from fault

    def stop(self, name):
        try:
            self._server.supervisor.stopProcess(name)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != _NOT_RUNNING:
                raise Problem(f"supervisord cannot stop {name}: {fault.faultString}") from fault

    def failing(self, name):
        """Its words when a program ended as soon as it was started, else None."""
        state = self._server.supervisor.getProcessInfo(name)
        return state["spawnerr"] or state["description"] if state["statename"] in _FAILING else None

    def states(self):
        """By name: statename, pid, description and more."""
        return {state["name"]: state for state in self._server.supervisor.getAllProcessInfo()}

    def end(self, patience_seconds):
        """Stops all programs in the reverse order of their stages, then supervisord. Returns whether it was there."""
        try:
            self._server.supervisor.shutdown()
        except (OSError, xmlrpc.client.Error, ValueError):
            return False
        until = time.monotonic() + patience_seconds
        while self._answers() and time.monotonic() < until:
            time.sleep(0.05)
        return True

    def _answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._folder.supervisor_socket))
            except OSError:
                return False
        return True


def _settings(folder, programs):
    sections = [
        f"""[unix_http_server]
file={folder.supervisor_socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile={folder.log("supervisord")}
pidfile={folder.run("supervisord.pid")}
childlogdir={folder.path / "log"}
{"user=root" if os.getuid() == 0 else ""}
"""
    ]
    for program in programs:
        command = program.command if program.hold is None else [str(UNLESS_HELD), str(program.hold), *program.command]
        sections.append(
            f"""[program:{program.name}]
command={shlex.join(command)}
directory={program.working_folder or folder.path}
priority={program.stage}
autostart=false
autorestart=true
; A program that ends within a second is started again after 1, 2, 3 … seconds, and given up after these.
startsecs=1
startretries=10
stopsignal={program.stop_signal}
stopwaitsecs={program.stop_seconds}
stdout_logfile={folder.log(program.name)}
stdout_logfile_maxbytes=50MB
stdout_logfile_backups=1
redirect_stderr=true
"""
        )
    return "\n".join(sections).replace("%", "%%")
