#!/usr/bin/env python3
"""The same login without the command line of awp. Lines of $USERS: NAME:SALT:HASH (scrypt, in hex)."""
import getpass, hashlib, hmac, json, os, socket

server = socket.socket(socket.AF_UNIX)
server.connect(os.environ["AWP_SOCKET"])
answers = server.makefile()

def call(method, **params):
    server.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
    return json.loads(answers.readline())

users = dict(line.strip().split(":", 1) for line in open(os.environ["USERS"]))
nonce = call("session.info")["result"]["nonce"]
while True:
    user, password = input("User: "), getpass.getpass()
    salt, known = users.get(user, "00:00").split(":")
    shown = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
    if hmac.compare_digest(shown, known):
        raise SystemExit("error" in call("session.grant", subject=user, acr="pwd", ttl=28800, nonce=nonce))
    print("Unknown user or password.")
    call("session.deny", reason="bad-credentials", retry=True)
