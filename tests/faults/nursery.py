"""A process that has imported everything once and forks those that are to be killed; and its remote control.

A nursery reads its input: every line "start" is answered by the pid of a fresh process at work.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).parents[2]


class Children:
    """The processes of one nursery; only these are ever killed.

    ``module`` is run as the nursery with what is ``given``, the log of its children, and ``--blind`` if wanted.
    """

    def __init__(self, module: str, *given: str, log: Path, blind: bool = False) -> None:
        command = [sys.executable, "-m", module, *given, str(log), *(["--blind"] if blind else [])]
        self._nursery = subprocess.Popen(
            command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._running: set[int] = set()
        self.kills = 0

    def start(self) -> None:
        """Start one more."""
        self._running.add(int(self._asked("start")))

    def kill(self, pid: int) -> None:
        """SIGKILL: no goodbye, nothing finished."""
        assert "killed" == self._asked(f"kill {pid}"), "the child ended by itself; see the log"
        self._running.discard(pid)
        self.kills += 1

    def has(self, pid: int) -> bool:
        """Is this one of ours, and was it not killed yet?"""
        return pid in self._running

    def _asked(self, words: str) -> str:
        ask, answer = self._pipes()
        ask.write(f"{words}\n")
        ask.flush()
        return answer.readline().strip()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        return self._nursery.stdin, self._nursery.stdout

    def close(self) -> None:
        """Kill whatever still runs."""
        for pipe in self._pipes():
            pipe.close()
        self._nursery.wait(30)


def nursery(work: Callable[[], None], log: Path) -> None:
    """Start and kill as asked on standard input; whatever is left dies with its end."""
    running: set[int] = set()
    for line in sys.stdin:
        word, _, pid = line.strip().partition(" ")
        if word == "start":
            running.add(child := _start(work, log))
            print(child, flush=True)
        else:
            print("killed" if _kill(int(pid)) else "gone", flush=True)
            running.discard(int(pid))
    for one in running:
        _kill(one)


def _start(work: Callable[[], None], log: Path) -> int:
    """A process of its own, without the price of its imports."""
    child = os.fork()
    if child:
        return child
    with log.open("ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.close(0)
    try:
        work()
    finally:
        os._exit(1)


def _kill(pid: int) -> bool:
    """SIGKILL: no goodbye, nothing finished. False when it had ended by itself."""
    if os.waitpid(pid, os.WNOHANG)[0]:
        return False
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True
