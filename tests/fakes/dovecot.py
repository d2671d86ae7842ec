"""A real IMAP server (Debian's dovecot) with its own configuration in a temporary folder, run without privileges."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "counter-secret"
CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Dovecot:
    """Started by `with`; `deliver` puts a message into a user's inbox as a mail server would."""

    def __enter__(self):
        self.home = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
        root = os.geteuid() == 0
        import grp
        import pwd

        who = pwd.getpwnam("nobody") if root else pwd.getpwnam(getpass.getuser())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (self.home / "mail").mkdir()
        (self.home / "dovecot.conf").write_text(
            CONFIGURATION.format(
                home=self.home, user=who.pw_name, group=grp.getgrgid(who.pw_gid).gr_name, uid=who.pw_uid, gid=who.pw_gid,
                password=PASSWORD, port=self.port,
            )
        )  # fmt: skip
        self.owner = (who.pw_uid, who.pw_gid)
        for path in (self.home, self.home / "mail"):
            os.chown(path, *self.owner)
        as_user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if root else {}
        self.process = subprocess.Popen(
            [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", str(self.home / "dovecot.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user,
        )  # fmt: skip
        self._await_port()
        return self

    def _await_port(self):
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    if connection.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        log = self.home / "log"
        raise AssertionError(f"dovecot does not answer: {log.read_text() if log.exists() else 'no log'}")

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.home, ignore_errors=True)

    def deliver(self, user, raw, number=[0]):  # noqa: B006  one counter for all
        folder = self.home / "mail" / user
        for name in ("tmp", "new", "cur"):
            if not (folder / name).exists():
                (folder / name).mkdir(parents=True)
                os.chown(folder, *self.owner)
                os.chown(folder / name, *self.owner)
        number[0] += 1
        name = f"{int(time.time())}.{os.getpid()}_{number[0]}.test"
        (folder / "tmp" / name).write_bytes(raw)
        os.chown(folder / "tmp" / name, *self.owner)
        (folder / "tmp" / name).rename(folder / "new" / name)

    def count(self, user, folder=""):
        where = self.home / "mail" / user / (f".{folder}" if folder else "")
        return sum(len(list((where / name).iterdir())) for name in ("new", "cur") if (where / name).exists())
