"""What a project's own scripts say of the GIL (`--show-settings` tells where it was read)."""

import os
import re
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import ROOT, CliTest

# (file, its text, what is said): None where nothing is.
SAID = [
    ("Dockerfile", "FROM debian\nENV PYTHON_GIL=0\n", "PYTHON_GIL=0 in Dockerfile:2"),
    ("Dockerfile", "FROM debian\nenv PYTHON_GIL 0\n", "PYTHON_GIL=0 in Dockerfile:2"),
    ("Dockerfile", 'FROM debian\nENV A="x y" \\\n    # on purpose\n    PYTHON_GIL="0"\n', "PYTHON_GIL=0 in Dockerfile:2"),
    ("Dockerfile", 'FROM debian\nCMD ["python3.14t", "-m", "app"]\n', "python3.14t in Dockerfile:2"),
    ("Dockerfile", "FROM debian\nENTRYPOINT exec /usr/bin/python3.13t app.py\n", "python3.13t in Dockerfile:2"),
    ("Dockerfile", 'FROM debian\nCMD ["sh", "-c", "cd /srv && exec python -Xgil=0 app.py"]\n', "-X gil=0 in Dockerfile:2"),
    ("Dockerfile", "FROM docker.io/library/python:3.14t-slim AS web\n", "python:3.14t-slim in Dockerfile:1"),
    ("web.Dockerfile", "FROM debian\r\nENV PYTHON_GIL=0\r\n", "PYTHON_GIL=0 in web.Dockerfile:2"),
    ("docker/web/Containerfile", "FROM debian\nENV PYTHON_GIL=0\n", "PYTHON_GIL=0 in docker/web/Containerfile:2"),
    ("start.sh", "#!/bin/sh\nset -e\nexport PYTHON_GIL=0\npython app.py\n", "PYTHON_GIL=0 in start.sh:3"),
    ("start.sh", "PYTHON_GIL=0 gunicorn app:app\n", "PYTHON_GIL=0 in start.sh:1"),
    ("start.sh", "export PYTHON_GIL=${PYTHON_GIL:-0}\n", "PYTHON_GIL=${PYTHON_GIL:-0} in start.sh:1"),
    ("start.sh", "cd app; exec python3 -u -X gil=0 -m app\n", "-X gil=0 in start.sh:1"),
    ("start.sh", "if true; then\n  nohup python3.14t -u \\\n    main.py &\nfi\n", "python3.14t in start.sh:2"),
    ("start.sh", "docker run --rm -e PYTHON_GIL=0 image\n", "PYTHON_GIL=0 in start.sh:1"),
    ("start.sh", "podman run --env=PYTHON_GIL=0 image\n", "PYTHON_GIL=0 in start.sh:1"),
    ("start.sh", "uv run --python 3.14t app.py\n", "--python 3.14t in start.sh:1"),
    ("start.sh", "uv run -p python3.14t -m app\n", "--python python3.14t in start.sh:1"),
    ("start.sh", "UV_PYTHON=3.13.1+freethreaded uv run app.py\n", "UV_PYTHON=3.13.1+freethreaded in start.sh:1"),
    ("start.sh", 'PY=/opt/bin/python3.13-nogil\n"$PY" app.py\n', "PY=/opt/bin/python3.13-nogil in start.sh:1"),
    ("start.sh", "sudo -u app env A=1 PYTHON_GIL=0 python app.py\n", "PYTHON_GIL=0 in start.sh:1"),
    ("bin/serve", "#!/bin/bash\npython -X gil=0 app.py\n", "-X gil=0 in bin/serve:2"),
    ("bin/serve", "#!/usr/bin/env python3.14t\nimport app\n", "python3.14t in bin/serve:1"),
    ("app.py", "#!/usr/bin/env -S python3 -X gil=0\nimport x\n", "-X gil=0 in app.py:1"),
    ("Procfile", "web: PYTHON_GIL=0 python app.py\n", "PYTHON_GIL=0 in Procfile:1"),
    ("Makefile", "run: deps\n\t@PYTHON_GIL=0 python app.py\n", "PYTHON_GIL=0 in Makefile:2"),
    ("Makefile", "export PYTHON_GIL ?= 0 # free\nrun:\n\tpython app.py\n", "PYTHON_GIL=0 in Makefile:1"),
    ("Makefile", "PYTHON := python3.14t\nrun:\n\t$(PYTHON) app.py\n", "PYTHON=python3.14t in Makefile:1"),
    ("Makefile", "run: export PYTHON_GIL=0\n", "PYTHON_GIL=0 in Makefile:1"),
    ("justfile", "run:\n    python3.14t app.py\n", "python3.14t in justfile:2"),
    (".env", "A=1\nPYTHON_GIL=0\n", "PYTHON_GIL=0 in .env:2"),
    (".env.production", "export PYTHON_GIL='0'\n", "PYTHON_GIL=0 in .env.production:1"),
    ("compose.yaml", "services:\n  web:\n    environment:\n      PYTHON_GIL: \"0\" # free\n", "PYTHON_GIL=0 in compose.yaml:4"),
    ("docker-compose.yml", "services:\n  web:\n    environment:\n    - PYTHON_GIL=0\n", "PYTHON_GIL=0 in docker-compose.yml:4"),
    ("compose.yml", "services:\n  web:\n    command: python3.14t -m app\n", "python3.14t in compose.yml:3"),
    ("compose.yml", 'services:\n  web:\n    command: ["python", "-X", "gil=0", "app.py"]\n', "-X gil=0 in compose.yml:3"),
    ("compose.yml", "services:\n  web:\n    command:\n      - python3.14t\n      - app.py\n", "python3.14t in compose.yml:4"),
    ("compose.yml", "services:\n  web:\n    command: >\n      python3.14t app.py\n", "python3.14t in compose.yml:4"),
    ("deploy/web.yaml", "containers:\n- env:\n  - name: PYTHON_GIL\n    value: '0'\n", "PYTHON_GIL=0 in deploy/web.yaml:4"),
    ("app.service", "[Service]\nEnvironment=A=1 \"PYTHON_GIL=0\"\n", "PYTHON_GIL=0 in app.service:2"),
    ("systemd/app.service", "[Service]\nExecStart=-/opt/python3.14t -m app\n", "python3.14t in systemd/app.service:2"),
    (".python-version", "# ours\n3.14t\n", "3.14t in .python-version:2"),
    (".python-version", "cpython-3.14.0rc1+freethreaded\n", "cpython-3.14.0rc1+freethreaded in .python-version:1"),
    (".tool-versions", "nodejs 20\npython 3.13.1t\n", "3.13.1t in .tool-versions:2"),
    ("pyproject.toml", '[project]\nrequires-python = ">=3.14t"\n', "requires-python in pyproject.toml:2"),
    ("pyproject.toml", '[tool.poe.tasks]\nrun = "PYTHON_GIL=0 python -m app"\n', "PYTHON_GIL=0 in pyproject.toml:2"),
    ("pyproject.toml", '[tool.poe.tasks.run]\ncmd = "python -m app"\nenv = {PYTHON_GIL = "0"}\n', "PYTHON_GIL=0 in pyproject.toml:3"),
    ("pyproject.toml", '[tool.hatch.envs.default]\npython = "3.14t"\n', "3.14t in pyproject.toml:2"),
]  # fmt: skip

UNSAID = [
    ("Dockerfile", "FROM debian\n# ENV PYTHON_GIL=0\nENV PYTHON_GIL=1\n"),
    ("Dockerfile", "FROM debian\nRUN PYTHON_GIL=0 python setup.py build\n"),
    ("Dockerfile", "FROM debian AS test\nENV PYTHON_GIL=0\nFROM debian\nCMD python app.py\n"),
    ("Dockerfile", "FROM python:3.14-slim\nCMD python app.py\n"),
    ("start.sh", "# PYTHON_GIL=0\necho PYTHON_GIL=0\ngrep PYTHON_GIL=0 .env # PYTHON_GIL=0\n"),
    ("start.sh", "PYTHON_GIL=0 pytest\nPYTHON_GIL=0 python -m pytest\npython3.14t -m unittest\n"),
    ("start.sh", "PYTHON_GIL=0 uv run pytest\nuv pip install --python 3.14t x\n"),
    ("start.sh", "python3.14t -m venv /venv\npython3.14t -m pip install .\npython3.14t --version\n"),
    ("start.sh", "python3.14t -c 'import sys'\npython3.14t\npython3.14t tests/run.py\n"),
    ("start.sh", "PYTHON_GIL=0 sh -c 'pytest -q'\n"),
    ("start.sh", "export PYTHON_GIL=$GIL\nPYTHON_GIL=00 python app.py\nMY_PYTHON_GIL=0 python app.py\n"),
    ("start.sh", "python3.12t app.py\npython3.14tt app.py\npython3.14-config app.py\n"),
    ("start.sh", "python app.py -X gil=0\n"),
    ("tests.sh", "export PYTHON_GIL=0\n"),
    ("bench/run.sh", "PYTHON_GIL=0 python app.py\n"),
    ("scripts/run_benchmark.sh", "PYTHON_GIL=0 python app.py\n"),
    ("a/start.sh", "PYTHON_GIL=0 python app.py\n"),
    ("deploy/a/b/c/start.sh", "PYTHON_GIL=0 python app.py\n"),
    ("Makefile", "test-free:\n\tPYTHON_GIL=0 python app.py\nrun:\n\tpython app.py\n"),
    ("tox.ini", "[testenv]\nsetenv = PYTHON_GIL=0\n"),
    ("noxfile.py", "PYTHON = '3.14t'\n"),
    (".github/workflows/ci.yml", "jobs:\n  a:\n    env:\n      PYTHON_GIL: 0\n"),
    ("compose.yml", "services:\n  test:\n    environment:\n      PYTHON_GIL: 0\n"),
    ("compose.yml", "services:\n  web:\n    labels:\n      note: PYTHON_GIL=0\n    # PYTHON_GIL: 0\n"),
    ("compose.test.yml", "services:\n  web:\n    environment:\n      PYTHON_GIL: 0\n"),
    ("deploy/web.yaml", "env:\n- name: PYTHON_GIL\n  value: '1'\n- name: OTHER\n  value: '0'\n"),
    ("app.service", "[Service]\n#Environment=PYTHON_GIL=0\nExecStartPre=python3.14t setup.py\n"),
    (".python-version", "3.14\n3.14t\n"),
    (".python-version", "pypy3.14t\n"),
    (".tool-versions", "ruby 3.14t\n"),
    ("pyproject.toml", '[project]\nrequires-python = ">=3.13,<3.15t"\n'),
    ("pyproject.toml", '[project]\nname = "x"\nclassifiers = ["Programming Language :: Python :: Free Threading"]\n'),
    ("pyproject.toml", '[tool.poe.tasks]\ntest = "PYTHON_GIL=0 python -m app"\n'),
    ("pyproject.toml", '[tool.poe.tasks.run]\ncmd = "python -m app"\nhelp = "PYTHON_GIL=0 python"\n'),
    ("pyproject.toml", '[tool.hatch.envs.hatch-test]\npython = "3.14t"\n'),
    ("pyproject.toml", "[tool.poe.tasks]\nrun = 'PYTHON_GIL=0 python'\n[[broken\n"),
]  # fmt: skip


class Interpreter(CliTest):
    def said(self, *args, **more):
        """Where the setting comes from, or None when it is the default."""
        line = re.search(r"^free-threaded = (\w+)  # (.*)$", self.limpet("--show-settings", *args, **more), re.M)
        self.assertEqual(line[1] == "true", line[2] != "default")
        return None if line[2] == "default" else line[2]

    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.dir, ".git"))

    def test_places(self):
        for name, text, origin in SAID:
            with self.subTest(name=name, text=text):
                path = self.write(name, text)
                self.assertEqual(self.said(), origin)
                self.assertIsNone(self.said("--isolated"))
                os.unlink(path)

    def test_what_says_nothing(self):
        for name, text in UNSAID:
            with self.subTest(name=name, text=text):
                path = self.write(name, text)
                self.assertIsNone(self.said())
                os.unlink(path)

    def test_findings(self):
        shutil.copy(os.path.join(ROOT, "fixtures", "LMP401", "threads.py"), self.dir)
        rule = ["--select", "LMP401", "threads.py"]
        self.assertEqual({code for _, _, code in self.findings(*rule)}, {"LMP401"})
        self.write("Dockerfile", "FROM debian\nENV PYTHON_GIL=0\n")
        self.assertEqual(self.findings(*rule), [])
        run = self.run_limpet("--verbose", *rule)
        self.assertIn(b"limpet: PYTHON_GIL=0 in Dockerfile:2: the code is taken to run without the GIL\n", run.stderr)
        # whoever says it himself is right
        self.assertTrue(self.findings("--config", "free-threaded = false", *rule))
        self.write("limpet.toml", "free-threaded = false\n")
        self.assertTrue(self.findings(*rule))
        self.assertEqual(self.findings("--free-threaded", *rule), [])

    def test_both_ways(self):
        self.write("Dockerfile", "FROM debian\nENV PYTHON_GIL=0\n")
        for text in "python3.12 app.py\n", "PYTHON_GIL=1 python app.py\n", "python -X gil=1 app.py\n":
            self.write("start.sh", text)
            self.assertIsNone(self.said(), text)
            run = self.run_limpet("--verbose")
            self.assertIn(b"PYTHON_GIL=0 in Dockerfile:2, but ", run.stderr)
            self.assertIn(b" in start.sh:1: the GIL is taken to be there\n", run.stderr)
        self.write("start.sh", "PYTHON_GIL=0 python3.14 app.py; python3.12 -m pytest; python3 app.py\n")
        self.assertEqual(self.said(), "PYTHON_GIL=0 in Dockerfile:2")

    def test_nearest(self):
        self.write("web/app.py", "x = 1\n")
        self.write("start.sh", "PYTHON_GIL=0 python app.py\n")
        self.assertEqual(self.said("web"), "PYTHON_GIL=0 in start.sh:1")
        self.assertEqual(self.said("."), "PYTHON_GIL=0 in start.sh:1")
        self.write("web/Procfile", "web: python3.13 app.py\n")
        self.assertIsNone(self.said("web"))
        os.mkdir(os.path.join(self.dir, "web", ".git"))
        os.unlink(os.path.join(self.dir, "web", "Procfile"))
        self.assertIsNone(self.said("web"))

    def test_links_are_not_followed(self):
        self.write("elsewhere/start.sh", "PYTHON_GIL=0 python app.py\n")
        os.symlink("elsewhere/start.sh", os.path.join(self.dir, "start.sh"))
        os.symlink("elsewhere", os.path.join(self.dir, "scripts"))
        self.assertIsNone(self.said())

    def test_hostile(self):
        os.mkfifo(os.path.join(self.dir, "wait.sh"))
        os.mkdir(os.path.join(self.dir, "Makefile"))
        self.write("Dockerfile", bytes(range(256)) * 50 + b"\\\n" * 5000)
        self.write("a.sh", "sh -c 'sh -c \"sh -c \\\"sh -c x\\\"\"' " * 500 + "(" * 5000 + "'")
        self.write("compose.yml", "".join(" " * i + "- a:\n" for i in range(500)) + "\x00: [" + "[" * 5000)
        self.write("deploy/k.yaml", b"\xff\xfe command: [" + b'"a\\' * 9000)
        self.write("app.service", "ExecStart=" + "-@" * 9000 + "\\")
        self.write("Procfile", ":" * 9000)
        self.write(".python-version", "3." + "9" * 9000 + "t" * 9000)
        self.write("pyproject.toml", "[tool.poe.tasks]\n" + "a." * 5000 + "b = 1\n")
        self.assertIsNone(self.said())
        self.write(".env", "PYTHON_GIL=0\0\nPYTHON_GIL=\xa00\n")
        self.assertIsNone(self.said())
        self.write(".env", "#" * 300000 + "\nPYTHON_GIL=0\n")  # beyond what is read
        self.assertIsNone(self.said())
        self.write("z.sh", "PYTHON_GIL=0 python app.py\n")
        self.assertEqual(self.said(), "PYTHON_GIL=0 in z.sh:1")

    def test_many(self):
        for i in range(300):
            self.write("a%03d.sh" % i, "python app.py\n")
        self.write("b.sh", "PYTHON_GIL=0 python app.py\n")
        self.assertIsNone(self.said())
        self.write("a100.sh", "PYTHON_GIL=0 python app.py\n")
        self.assertEqual(self.said(), "PYTHON_GIL=0 in a100.sh:1")


if __name__ == "__main__":
    unittest.main()
