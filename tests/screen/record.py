#!/usr/bin/env python3
"""Records what real programs print, for the test of the screen model.

Runs each program under a pty of 80 columns and 24 rows, presses the keys of its script, and
writes its output to tests/recordings/<category>-<name>.bin. Run as root on Debian with vim,
htop, less, mc, tmux, nano, man-db, procps, fish, zsh, dialog, ncurses-examples and vttest:
the programs see a host named "host" and no other process. Recording anew changes every file;
the floor in floor.json then has to be looked at.
"""

import concurrent.futures
import fcntl
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

OUT = pathlib.Path(__file__).parent.parent / "recordings"
BYTES_MAX = 64 * 1024
QUIET = 0.3
STEP_MAX = 1.5

ESC, UP, DOWN, RIGHT, LEFT = "\x1b", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
EXAMPLES = "/usr/libexec/ncurses-examples/"

APPS = {
    "vim": (["vim", "-u", "NONE", "-N", "text.txt"], [":set nu hls\r", "/line\r", "nnn", "dd", "ofresh text" + ESC, ":vsplit\r", "\x04", ":syntax on\r", ":e code.c\r", "GoInt x;" + ESC, ":q!\r"]),
    "vim-insert": (["vim", "-u", "NONE", "-N"], ["iwide: 漢字 and é" + ESC, "yy30p", ":set nowrap list\r", "gg", "\x06", ":!echo out\r", "\r", ":qa!\r"]),
    "htop": (["htop", "-d", "5"], [DOWN, "\x1bOS", ESC, "t", "\x1b[17~", ESC, "q"]),
    "less": (["less", "text.txt"], [" ", " ", "/40\r", "b", "-N\r", "G", "q"]),
    "less-color": (["less", "-R", "color.txt"], [" ", DOWN, DOWN, RIGHT, LEFT, "q"]),
    "mc": (["mc", "-u"], [DOWN, DOWN, "\t", "\x1b[20~", RIGHT, ESC + ESC, "\x1b[13~", "q", "\x0f", "\x0f", "\x1b[21~", "\r"]),
    "mc-view": (["mcview", "text.txt"], [" ", "\x1bOQ", "\x1b[21~"]),
    "tmux": (["tmux", "-f", "/dev/null", "-L", "rec", "new", "sh"], ["ls\r", "\x02%", "echo right\r", "\x02\"", "cat color.txt\r", "\x02[", UP, UP, "q", "\x02t", "\x02:kill-server\r"]),
    "nano": (["nano", "-I", "text.txt"], ["some text", "\x17line\r", "\x0b\x0b", "\x16", "\x07", "\x18", "\x18", "n"]),
    "man": (["man", "ls"], [" ", "/sort\r", "n", "G", "q"]),
    "top": (["top", "-d", "1"], ["1", "z", "c", "m", "t", "q"]),
    "fish": (["fish", "--no-config"], ["ls --c", "\t", "\x03", "echo hello\r", "cat co\t\r", UP, UP, "\x12", ESC, "\x03", "exit\r"]),
    "zsh": (["zsh", "-f", "-i"], ["PROMPT='%B%F{green}zsh%f%b> ' RPROMPT='%F{red}right%f'\r", "ls -l\r", "echo a long line that goes on and on and on and on and on and on and on until it wraps\r", UP, "\x01X\x05Y", "\x03", "exit\r"]),
    "bash": (["bash", "--norc", "-i"], ["PS1='\\[\\e[1;32m\\]bash\\[\\e[m\\]$ '\r", "ls --color=always\r", "seq 1 60\r", "echo one two three four five six seven eight nine ten eleven twelve thirteen fourteen\r", UP, "\x01\x1bd\x0b\x19", "\x12ls", "\x07", "clear\r", "tput smso; echo standout; tput sgr0\r", "exit\r"]),
    "dialog-menu": (["dialog", "--menu", "Choose", "15", "50", "6", "a", "first", "b", "second", "c", "third"], [DOWN, DOWN, "\t", ESC]),
    "dialog-form": (["dialog", "--form", "Fill in", "15", "50", "4", "Name", "1", "1", "", "1", "10", "20", "20", "Age", "2", "1", "", "2", "10", "5", "5"], ["Some One", DOWN, "42", "\t", ESC]),
    "dialog-gauge": (["sh", "-c", "for i in 10 40 70 100; do echo $i; sleep 0.2; done | dialog --gauge Working 8 40"], [""]),
    "dialog-calendar": (["dialog", "--calendar", "Day", "0", "0", "1", "2", "2020"], ["\t", DOWN, RIGHT, ESC]),
    "watch": (["watch", "-t", "-c", "-n", "1", "cat color.txt | head -15"], ["", "", "\x03"]),
    "tig": (["tig", "--all"], [DOWN, "\r", " ", "q", "q"]),
    "cmatrix": (["cmatrix", "-s", "-u", "2"], ["", "q"]),
    "ls-color": (["sh", "-c", "ls -la --color=always; seq -f 'item %g of a list' 1 200; cat color.txt"], [""]),
    "progress": (["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do printf '\\rstep %d/9 \\033[32m%*s\\033[m' $i $i '' | tr ' ' =; sleep 0.05; done; echo; seq 1 30"], [""]),
}

NCURSES = {
    "background": ["q"], "blue": [""], "bs": ["r", " ", "\x03"], "cardfile": [DOWN, "\x0e", "\x1b"], "chgat": [DOWN, "a", "b", "q"],
    "clip_printw": ["h", DOWN, "w", "q"], "combine": [DOWN, "q"], "color_set": ["x"],
    "demo_altkeys": ["a", ESC + "b", "q"], "demo_forms": ["abc", "\t", "def", DOWN, "\x11"],
    "demo_menus": [DOWN, RIGHT, DOWN, "q"], "demo_panels": ["", "n", "q"], "ditto": ["abc", "\x03"], "dots_mvcur": ["q"],
    "echochar": ["q"], "extended_color": ["q"], "firework": ["q"], "firstlast": ["x", "x", "x", "x"], "filter": ["ls\r", "q\r"],
    "foldkeys": ["a", UP, ESC], "gdc": ["", "q"], "hanoi": ["", "q"], "inserts": ["abc", "q"], "insdelln": ["i", "i", "d", "q"],
    "ins_wide": ["abc", "q"], "knight": [DOWN, " ", "a", "q"], "lrtest": ["q"], "movewindow": ["c", RIGHT, RIGHT, "\r", DOWN, DOWN, "\r", "q"],
    "newdemo": ["", "q"], "padview": [], "rain": ["q"], "redraw": ["abc", "r", "q"], "tclock": ["q"],
    "test_add_wchstr": ["abc", "q"], "test_addstr": ["abc", "q"], "test_addwstr": ["abc", "q"], "test_instr": [DOWN, "q"],
    "test_opaque": [DOWN, "q"], "test_sgr": ["q"], "test_vidputs": ["q"], "testcurs": [DOWN, "\r", "", " ", " ", "q"], "xmas": ["", "q"], "worm": ["q"], "view": [],
    "ncurses": ["b\r", "q", "c\r", "q", "d\r", "q", "f\r", "n", "q", "i\r", "q", "q\r"],
}

VTTEST = {
    "cursor": ["1\r"] + ["\r"] * 8, "features": ["2\r"] + ["\r"] * 16, "charsets": ["3\r", "8\r", "\r", "\r", "0\r"],
    "insert": ["8\r"] + ["\r"] * 14, "colors": ["11\r", "6\r", "2\r", "\r", "3\r", "\r", "\r"], "alternate": ["11\r", "8\r", "7\r", "1\r", "\r", "\r", "2\r", "\r", "\r"],
}


def answer(fd, chunk):
    """What the programs wait for before they go on."""
    for query, reply in ((b"\x1b[c", b"\x1b[?1;2c"), (b"\x1b[0c", b"\x1b[?1;2c"), (b"\x1b[>c", b"\x1b[>0;276;0c"),
                         (b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[5n", b"\x1b[0n")):
        if query in chunk:
            os.write(fd, reply)


def read_until_quiet(fd, out):
    end = time.monotonic() + STEP_MAX
    while time.monotonic() < end and len(out) < BYTES_MAX:
        if not select.select([fd], [], [], QUIET)[0]:
            return True
        try:
            chunk = os.read(fd, 4096)
        except OSError:
            return False
        if not chunk:
            return False
        out += chunk
        answer(fd, chunk)
    return True


def record(category, name, argv, keys, folder):
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        env = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm-256color", "LANG": "C.UTF-8", "USER": "user",
               "LOGNAME": "user", "SHELL": "/bin/sh", "PS1": "$ ", "XDG_CONFIG_HOME": folder, "TMUX_TMPDIR": folder, "COLUMNS": "80", "LINES": "24"}
        try:
            os.execvpe(argv[0], argv, env)
        finally:
            os._exit(127)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    out = bytearray()
    alive = read_until_quiet(fd, out)
    for key in keys:
        if not alive or len(out) >= BYTES_MAX:
            break
        try:
            os.write(fd, key.encode())
        except OSError:
            break
        alive = read_until_quiet(fd, out)
    try:
        os.kill(pid, signal.SIGHUP)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(pid, 0)
    os.close(fd)
    if len(out) < 60:
        print(f"nothing recorded: {category}-{name}", file=sys.stderr)
        return
    (OUT / f"{category}-{name}.bin").write_bytes(out)


def fixtures(folder):
    os.makedirs(folder, exist_ok=True)
    lines = [f"line {n} of a text that is {'long ' * (n % 20)}enough" for n in range(1, 120)]
    pathlib.Path(folder, "text.txt").write_text("\n".join(lines) + "\n")
    colors = "".join(f"\x1b[38;5;{n}mcolour {n}\x1b[0m \x1b[4{n % 8};1mbold\x1b[m\n" for n in range(60))
    pathlib.Path(folder, "color.txt").write_text(colors)
    pathlib.Path(folder, "code.c").write_text("#include <stdio.h>\n/* comment */\nint main(void) {\n  return 0;\n}\n" * 8)
    run = lambda *argv: subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    if shutil.which("git"):
        run("git", "init", "-q")
        run("git", "add", ".")
        run("git", "-c", "user.name=user", "-c", "user.email=user@example.org", "commit", "-qm", "First", "--date=2020-01-02T03:04:05")


def main():
    if "--inside" not in sys.argv:
        os.execvp("unshare", ["unshare", "--uts", "--pid", "--fork", "--mount-proc", sys.executable, __file__, "--inside"])
    subprocess.run(["hostname", "host"], check=True)
    OUT.mkdir(exist_ok=True)
    jobs = [("apps", name, argv, keys) for name, (argv, keys) in APPS.items()]
    jobs += [("ncurses", name, [EXAMPLES + name], keys) for name, keys in NCURSES.items() if os.path.exists(EXAMPLES + name)]
    jobs += [("vttest", name, ["vttest", "24x80.80"], keys) for name, keys in VTTEST.items()]
    base = tempfile.mkdtemp(prefix="rec")
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        futures = []
        for job in jobs:
            folder = os.path.join(base, job[0] + job[1])
            fixtures(folder)
            futures.append(pool.submit(record, *job, folder))
        for future in futures:
            future.result()
    shutil.rmtree(base)


if __name__ == "__main__":
    main()
