"""Clients that others wrote, as their registries have them, against the built binary.

Run by `make client-test`, which installs them; AWP_BIN is the binary.
"""

import faulthandler
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import unittest
from types import SimpleNamespace

import jwt
import websocket
from kubernetes.stream.ws_client import WSClient

HERE = pathlib.Path(__file__).parent
MODULES = pathlib.Path(os.environ["CLIENTS"])
TOKEN = "owner-token-of-the-tests-0123456789abcdefghi"
DEADLINE = 60  # seconds; after this a client has failed
PATIENCE = 15 * DEADLINE  # seconds; after this the whole run has, whatever it waits for


class Server:
    """The binary under test, on a free port."""

    def __init__(self, mode, *command):
        self.home = tempfile.TemporaryDirectory()
        token = pathlib.Path(self.home.name, "token")
        token.write_text(TOKEN)
        token.chmod(0o600)
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.home.name}
        options = ["--listen", "127.0.0.1:0", "--token-file", str(token), "--mode", mode]
        self.child = subprocess.Popen(
            [os.environ["AWP_BIN"], *options, "--", *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = re.search(r"http://([^/]*)/", self.child.stdout.readline()).group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(DEADLINE)
        self.child.stdout.close()
        self.home.cleanup()


def node(*arguments):
    """Runs a Node program in the folder of the modules, its standard input left open; gives what
    it printed."""
    environment = {**os.environ, "TOKEN": TOKEN}
    with subprocess.Popen(
        ["node", *arguments],
        cwd=MODULES,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        try:
            child.wait(DEADLINE)
        finally:
            child.kill()
        return child.stdout.read()


def kubernetes(server, **options):
    configuration = SimpleNamespace(
        verify_ssl=False,
        cert_file=None,
        key_file=None,
        tls_server_name=None,
        proxy=None,
        proxy_headers=None,
    )
    headers = {"authorization": f"Bearer {TOKEN}", **options}
    return WSClient(configuration, f"ws://{server.address}/ws", headers, True)


class Clients(unittest.TestCase):
    def test_kubernetes_stream(self):
        script = "cat; echo problem >&2; exit 7"
        with Server("pipe", "sh", "-c", script) as server:
            client = kubernetes(server)
            self.assertEqual(client.subprotocol, "v5.channel.k8s.io")
            client.write_stdin("one\ntwo\n")
            self.assertEqual(client.readline_stdout(timeout=DEADLINE), "one")
            self.assertEqual(client.readline_stdout(timeout=DEADLINE), "two")
            client.close_channel(0)
            client.run_forever(timeout=DEADLINE)
            self.assertEqual(client.read_stderr(), "problem\n")
            self.assertEqual(client.returncode, 7)

    def test_kubernetes_stream_version_4(self):
        with Server("pty", "sh", "-c", "read line; stty size; echo got $line") as server:
            protocol = {"sec-websocket-protocol": "v4.channel.k8s.io"}
            client = kubernetes(server, **protocol)
            client.write_channel(4, '{"Width":90,"Height":30}')
            client.write_stdin("hello\n")
            client.run_forever(timeout=DEADLINE)
            output = client.read_all()
            self.assertIn("30 90", output)
            self.assertIn("got hello", output)

    def test_kubernetes_success(self):
        with Server("pipe", "true") as server:
            client = kubernetes(server)
            client.run_forever(timeout=DEADLINE)
            self.assertEqual(client.returncode, 0)

    def test_xterm_addon_attach(self):
        script = "stty size; read line; printf '\\033[31mgot %s\\033[0m\\n' $line"
        with Server("pty", "sh", "-c", script) as server:
            url = f"ws://{server.address}/ws?cols=90&rows=30"
            printed = node(str(HERE / "attach.mjs"), url, "hello").splitlines()
            self.assertIn("30 90", printed)
            self.assertIn("got hello", printed)

    def test_jupyter_terminal(self):
        script = "read line; stty size; echo got $line"
        with Server("pty", "sh", "-c", script) as server:
            base = f"http://{server.address}/"
            printed = node(str(HERE / "jupyter.mjs"), base, "1", "hello")
            self.assertIn("30 90", printed)
            self.assertIn("got hello", printed)
            self.assertIn("DISCONNECTED", printed)

    def test_wscat(self):
        with Server("lines", "sh", "-c", "read line; echo got $line; printf last") as server:
            bearer = f"Authorization: Bearer {TOKEN}"
            url = f"ws://{server.address}/ws"
            wscat = str(MODULES / "node_modules/wscat/bin/wscat")
            printed = node(wscat, "-H", bearer, "-c", url, "-x", "hello", "-w", "5")
            self.assertIn("got hello", printed)
            self.assertIn("last", printed)

    def websocat(self, server, said, *options):
        bearer = f"Authorization: Bearer {TOKEN}"
        done = subprocess.run(
            [MODULES / "bin/websocat", *options, f"-H={bearer}", f"ws://{server.address}/ws"],
            input=said,
            capture_output=True,
            timeout=DEADLINE,
        )
        return done.stdout

    def test_websocat_lines(self):
        with Server("lines", "sh", "-c", "read -r a; echo got $a; printf last") as server:
            heard = self.websocat(server, b"hello\n", "--no-close")
            self.assertEqual(heard, b"got hello\nlast\n")

    def test_websocat_bytes(self):
        every = bytes(range(256))
        with Server("pipe", "head", "-c", "256") as server:
            options = ["--binary", "--no-close", "--protocol", "raw"]
            self.assertEqual(self.websocat(server, every, *options), every)

    def test_pyjwt(self):
        with Server("pty", "sh", "-c", f"'{os.environ['AWP_BIN']}' session statement; cat") as server:
            shown = websocket.create_connection(
                f"ws://{server.address}/ws",
                header=[f"Authorization: Bearer {TOKEN}"],
                timeout=DEADLINE,
            )
            said = b""
            while b"\n" not in said:
                said += shown.recv_frame().data
            statement = said.split()[0].decode()
            keys = jwt.PyJWKClient(f"http://{server.address}/.well-known/awp/jwks.json")
            key = keys.get_signing_key_from_jwt(statement)
            rules = {"algorithms": ["EdDSA"], "issuer": "awp"}
            claims = jwt.decode(statement, key, audience="default", **rules)
            self.assertEqual(claims["sub"], "owner")
            with self.assertRaises(jwt.InvalidAudienceError):
                jwt.decode(statement, key, audience="other", **rules)
            shown.close()

    def test_nc(self):
        """A handshake typed by hand, and frames as they are on the line."""
        with Server("lines", "sh", "-c", "echo one; echo two") as server:
            host, port = server.address.split(":")
            request = (
                f"GET /ws HTTP/1.1\r\nHost: {server.address}\r\n"
                f"Authorization: Bearer {TOKEN}\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            done = subprocess.run(
                ["nc", host, port],
                input=request.encode(),
                capture_output=True,
                timeout=DEADLINE,
            )
            self.assertIn(b"\r\n\r\n\x81\x03one\x81\x03two\x88", done.stdout)


class Websocketd(unittest.TestCase):
    """Debian's websocketd beside awp, on the same programs."""

    def start(self, *command):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        child = subprocess.Popen(
            ["websocketd", "--address=127.0.0.1", f"--port={port}", *command],
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(child.wait, DEADLINE)
        self.addCleanup(child.kill)
        # It says that it starts before it listens.
        until = time.monotonic() + DEADLINE
        while child.poll() is None and time.monotonic() < until:
            with socket.socket() as first:
                if first.connect_ex(("127.0.0.1", port)) == 0:
                    return f"127.0.0.1:{port}"
        self.fail("websocketd does not start")

    def messages(self, address, path, said, *headers):
        client = websocket.create_connection(
            f"ws://{address}{path}", timeout=DEADLINE, header=[*headers, "X-Thing: a"]
        )
        for message in said:
            client.send(message)
        heard = []
        while True:
            try:
                kind, message = client.recv_data()
            except websocket.WebSocketConnectionClosedException:
                return heard
            if kind == websocket.ABNF.OPCODE_CLOSE:
                return heard
            heard.append(message.decode())

    def both(self, path, said, *command):
        theirs = self.messages(self.start(*command), path, said)
        with Server("lines", *command) as server:
            bearer = f"Authorization: Bearer {TOKEN}"
            own = self.messages(server.address, "/ws" + path.lstrip("/"), said, bearer)
        return own, theirs

    def test_equal_messages(self):
        count = "for i in 1 2 3; do echo $i; done"
        echo = "read -r a; read -r b; printf '%s|%s\\n' \"$a\" \"$b\"; printf 'crlf\\r\\n'; echo; echo é"
        for said, script in [([], count), (["one two", "\\three"], echo), (["x\ny"], echo)]:
            with self.subTest(script=script, said=said):
                own, theirs = self.both("/", said, "sh", "-c", script)
                self.assertEqual(own, theirs)

    def test_equal_environment(self):
        own, theirs = self.both("/?a=1&b=2", [], "sh", str(HERE / "environment.sh"))
        read = lambda lines: dict(line.split("=", 1) for line in lines if "=" in line)
        own, theirs = read(own), read(theirs)
        # docs/dialects.md lists these.
        self.assertEqual(own.keys() - theirs.keys(), {"HTTP_HOST"})
        self.assertEqual(theirs.keys() - own.keys(), {"REMOTE_IDENT"})
        common = own.keys() & theirs.keys()
        differ = {key for key in common if own[key] != theirs[key]}
        per_call = {"HTTP_ORIGIN", "HTTP_SEC_WEBSOCKET_KEY", "REMOTE_PORT", "SERVER_PORT", "UNIQUE_ID"}
        path = {"PATH_INFO", "REQUEST_URI", "SCRIPT_NAME"}
        server = {"GATEWAY_INTERFACE", "REMOTE_USER", "SERVER_SOFTWARE"}
        self.assertEqual(differ - per_call, path | server)


if __name__ == "__main__":
    # Every wait has its own end; this one is for those that nobody thought of.
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    unittest.main()
