"""Debian's Postfix, set up in a folder of its own: STARTTLS, deliveries into one maildir, some refused addresses."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.com
virtual_mailbox_base = {folder}/mails
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_recipient_access inline:{{
  {{ gone@example.com = 550 5.1.1 no such user }}, {{ grey@example.com = 450 4.7.1 greylisted }} }},
  permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_client_connection_rate_limit = 0
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
maillog_file_permissions = 0644
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - 20 virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(folder: Path, cert: Path, key: Path) -> Iterator[tuple[int, Path]]:
    """A Postfix at work until the block ends: its port, and the maildir that it delivers into."""
    owner = pwd.getpwnam("postfix")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "etc"
    for name in ("etc", "queue", "data", "mails"):
        (folder / name).mkdir()
    for name in ("data", "mails"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    for one in (folder, *folder.parents):
        if one == folder or any(part.startswith("pytest-of-") for part in one.parts):
            one.chmod(0o755)  # pytest makes them for its own user alone
    values = {"folder": folder, "uid": owner.pw_uid, "gid": owner.pw_gid, "cert": cert, "key": key, "port": port}
    (settings / "main.cf").write_text(MAIN.format(**values))
    (settings / "master.cf").write_text(MASTER.format(**values))
    shutil.copy("/etc/postfix/dynamicmaps.cf", settings / "dynamicmaps.cf")
    command = ["postfix", "-c", str(settings)]
    _start(command)
    try:
        _wait_for(port)
        yield port, folder / "mails" / "all"
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)


def _start(command: list[str]) -> None:
    """Postfix started; once more where a busy machine was too slow for its own look at it."""
    first = subprocess.run([*command, "start"], check=False, capture_output=True)
    if first.returncode:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        subprocess.run([*command, "start"], check=True, capture_output=True)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
                if line.recv(100).startswith(b"220"):
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("Postfix did not start")


def delivered(maildir: Path, count: int) -> list[bytes]:
    """The mails of a maildir, once there are so many, or what there is after five minutes."""
    for _ in range(3000):
        if len(list((maildir / "new").glob("*"))) >= count:
            break
        time.sleep(0.1)
    return [one.read_bytes() for one in (maildir / "new").glob("*")]
