#!/usr/bin/env python3
"""An application that asks who it is for, and greets them."""
import json, os, socket, sys

server = socket.socket(socket.AF_UNIX)
server.connect(os.environ["AWP_SOCKET"])
server.sendall(b'{"jsonrpc":"2.0","id":1,"method":"session.validate"}\n')
who = json.loads(server.makefile().readline())["result"]
if not who["active"]:
    sys.exit("nobody is logged in")
print(f"Good day, {who.get('name') or who['sub']}.", flush=True)
for line in sys.stdin:
    print(f"{who['sub']} said: {line.strip()}", flush=True)
