"""A small disk of its own for a folder, so that it can be filled: in memory, and only while a test runs."""

import os
import subprocess


class SmallDisk:
    def __init__(self, folder, mib):
        """`folder` exists. It takes root, or sudo that asks for no password; `refusal` says why it could not be mounted, or is None."""
        self._folder = folder
        options = f"size={mib}m,mode=0755,uid={os.geteuid()},gid={os.getegid()}"
        done = _as_root("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
        self.refusal = None if done.returncode == 0 else done.stderr.strip()

    def clear_away(self):
        if self.refusal is None:
            done = _as_root("umount", "-l", self._folder)
            assert done.returncode == 0, done.stderr


def _as_root(*command):
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    try:
        return subprocess.run([*sudo, *command], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:  # no sudo
        return subprocess.CompletedProcess(command, 1, "", str(error))
