"""A provider of OpenID Connect for tests/oidc.rs: oidc-provider-mock, made stricter and, on request, wrong.

Stricter: it asks for the secret of its one client, and for the verifier of RFC 7636. Wrong: a PUT to
/fault names what is wrong with the next statements; `none` is nothing. The users are its own.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import warnings

import flask
import oidc_provider_mock
from werkzeug.serving import make_server

warnings.simplefilter("ignore")
from authlib import jose  # noqa: E402  (it warns of its own successor)

CLIENT, SECRET = sys.argv[1], sys.stdin.readline().strip()

app = oidc_provider_mock.app(require_nonce=True)
challenges = {}
state = {"fault": "none", "asked": 0}


def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@app.put("/fault")
def fault():
    state["fault"] = flask.request.get_data(as_text=True)
    return "", 204


@app.get("/asked")
def asked():
    """How often a code was brought here."""
    return str(state["asked"])


@app.before_request
def demand():
    path, request = flask.request.path, flask.request
    if path == "/.well-known/openid-configuration" and state["fault"] == "silent":
        return "", 500
    if path == "/oauth2/authorize":
        if request.args.get("code_challenge_method") != "S256":
            return "no challenge", 400
    if path == "/oauth2/token":
        state["asked"] += 1
        shown = request.authorization
        if shown is None or (shown.username, shown.password) != (CLIENT, SECRET):
            return flask.jsonify(error="invalid_client"), 401
        verifier = request.form.get("code_verifier", "")
        challenge = coded(hashlib.sha256(verifier.encode()).digest())
        if challenges.get(request.form.get("code")) != challenge:
            return flask.jsonify(error="invalid_grant"), 400
    return None


@app.after_request
def spoil(answer):
    path = flask.request.path
    if path == "/oauth2/authorize" and answer.status_code == 302:
        code = answer.location.partition("code=")[2].partition("&")[0]
        challenges[code] = flask.request.args["code_challenge"]
    if path == "/oauth2/token" and answer.status_code == 200:
        body = answer.get_json()
        body["id_token"] = spoiled(body["id_token"])
        answer.set_data(json.dumps(body))
    return answer


def spoiled(token):
    """The statement with what was asked for wrong about it."""
    key = flask.g.oidc_provider_mock_storage.jwk
    kind = state["fault"]
    padded = token.split(".")[1] + "=="
    claims = json.loads(base64.urlsafe_b64decode(padded))
    changed = {
        "nonce": {"nonce": "another"},
        "audience": {"aud": ["another"]},
        "issuer": {"iss": "https://another.example"},
        "expired": {"exp": int(time.time()) - 1},
        "old": {"auth_time": int(time.time()) - 3600},
        "just now": {"auth_time": int(time.time())},
    }
    if kind in changed:
        return signed("RS256", key, {**claims, **changed[kind]})
    if kind == "missing nonce":
        return signed("RS256", key, {name: claims[name] for name in claims if name != "nonce"})
    if kind == "another key":
        return signed("RS256", jose.RSAKey.generate_key(is_private=True), claims)
    if kind == "signature":
        head, payload, signature = token.split(".")
        return f"{head}.{payload}.{'A' * len(signature)}"
    if kind == "changed":
        head, _, signature = token.split(".")
        payload = coded(json.dumps({**claims, "preferred_username": "boss"}).encode())
        return f"{head}.{payload}.{signature}"
    if kind == "alg none":
        return f"{part({'alg': 'none'})}.{part(claims)}."
    if kind == "alg HS256":
        # What a verifier does that takes the public key for a shared secret.
        public = key.as_pem(is_private=False)
        text = f"{part({'alg': 'HS256'})}.{part(claims)}"
        return f"{text}.{coded(hmac.digest(public, text.encode(), 'sha256'))}"
    if kind == "alg HS256 by the client's secret":
        text = f"{part({'alg': 'HS256'})}.{part(claims)}"
        return f"{text}.{coded(hmac.digest(SECRET.encode(), text.encode(), 'sha256'))}"
    return token


def part(value):
    return coded(json.dumps(value).encode())


def signed(algorithm, key, claims):
    return jose.jwt.encode({"alg": algorithm}, claims, key).decode()


server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
