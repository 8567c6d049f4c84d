"""Runs sections 1 to 7 and 10 of the Autobahn suite against a server: run.py FOLDER ADDRESS.

FOLDER holds the suite, as pip has put it there, and gets the report. Ends with 1 if a case failed.
"""
from __future__ import print_function

import json
import os
import site
import sys

folder, address = sys.argv[1:]
site.addsitedir(folder)
sys.path.insert(0, folder)

reports = os.path.join(folder, "reports")
spec = os.path.join(folder, "spec.json")
sections = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
with open(spec, "w") as file:
    json.dump({
        "outdir": reports,
        "servers": [{"agent": "awp", "url": "ws://" + address}],
        "cases": sections,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }, file)

if os.fork() == 0:
    sys.argv = ["wstest", "-m", "fuzzingclient", "-s", spec]
    from autobahntestsuite.wstest import run
    run()
    os._exit(0)
os.wait()

with open(os.path.join(reports, "index.json")) as file:
    cases = json.load(file)["awp"]
kinds = {}
for name, case in cases.items():
    kinds.setdefault(case["behavior"], []).append(name)
for kind, names in sorted(kinds.items()):
    print(kind, len(names), "" if kind in ("OK", "INFORMATIONAL") else " ".join(sorted(names)))
passed = ("OK", "INFORMATIONAL", "NON-STRICT")
if len(cases) != 247 or len(kinds.get("NON-STRICT", [])) > 2 or set(kinds) - set(passed):
    sys.exit("the suite has found what is not as it should be")
