"""The HTML report: valid, self-contained, readable without its script, and inert with hostile text in it."""

import base64
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import validators
from validators import golden, strict_json

from support import FIXTURES, REPO, limpet

SAMPLE = strict_json(golden("json"))["findings"]
STYLE = (REPO / "src" / "report" / "html.css").read_text()
SCRIPT = (REPO / "src" / "report" / "html.js").read_text()
VOID = {"meta", "link", "br", "wbr", "input"}
ELEMENTS = set(
    "html head meta title link style script body header div h1 h2 h3 p main ul li section form label input select"
    " option span button output kbd table thead tbody tr th td a code br details summary svg path rect circle text"
    " wbr figure figcaption pre b i em mark dl dt dd del ins footer".split()
)


class Page(html.parser.HTMLParser):
    """What a browser's parser makes of a page: elements with attributes, and the text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.words, self.problems = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append("</%s> ends nothing" % tag)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)

    def all(self, tag, **attributes):
        return [a for t, a in self.elements if t == tag and all(a.get(k) == v for k, v in attributes.items())]


def inlined(page):
    """The page as one file without a policy, for scripts of tests."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    page = page.replace('<link rel="stylesheet" href="limpet.css">', "<style>%s</style>" % STYLE)
    return page.replace('<script src="limpet.js"></script>', "<script>%s</script>" % SCRIPT)


class Structure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = Page(golden("html"))
        cls.clean = Page(golden("html_clean"))

    def test_elements_pair_and_are_known(self):
        for page in (self.page, self.clean):
            self.assertEqual((page.problems, page.open), ([], []))
            self.assertLessEqual({tag for tag, _ in page.elements}, ELEMENTS)

    def test_nothing_acts(self):
        """No handler, no style attribute, no address but of this page and of documents."""
        for tag, attributes in self.page.elements:
            for name, value in attributes.items():
                self.assertFalse(name.startswith("on") or name in ("style", "srcdoc", "formaction"), (tag, name))
                if name in ("href", "src"):
                    self.assertRegex(value, r"\A(#[\w-]+|limpet\.(css|js)|https://[\w./-]+)\Z")
        self.assertEqual(len(self.page.all("script")), 1)
        self.assertEqual(len(self.page.all("style")), 0)

    def test_addresses_lead_somewhere(self):
        ids = [a["id"] for _, a in self.page.elements if "id" in a]
        self.assertEqual(len(ids), len(set(ids)))
        for attributes in self.page.all("a"):
            if attributes["href"].startswith("#"):
                self.assertIn(attributes["href"][1:], ids)

    def test_every_finding_is_there(self):
        findings = self.page.all("details", **{"class": "finding"})
        self.assertEqual(sorted(f["id"] for f in findings), sorted("f-" + f["fingerprint"] for f in SAMPLE))
        self.assertEqual({"open" in f for f in findings}, {True}, "few findings are open")
        order = [f["data-severity"] for f in findings]
        self.assertEqual(order, sorted(order, key=["error", "warning", "note"].index))
        text = self.page.text
        for finding in SAMPLE:
            for words in re.split(r"['`]", finding["message"]):
                self.assertIn(words.strip(), text)

    def test_hostile_text_is_text(self):
        text = self.page.text
        self.assertIn('<b>"x" & 100%s</b>\\', text)
        self.assertIn("CACHE[k] = v  # </script>", text)
        self.assertIn("dir \"q\"/<b>&\\x1b[31m%s\\n\\xff'.py:5:6", text)
        self.assertIn("line\\none \\u202e\"two\" %n", text)
        self.assertIn("cannot read 'a \\x1b[1m<b>&\\xff.py'", text)

    def test_pictures(self):
        self.assertEqual(len(self.page.all("svg", **{"class": "path ring"})), 1)
        self.assertEqual(len(self.page.all("svg", **{"class": "path"})), 2, "none of one object alone")
        for title in ("retention path: module global app.cache._sessions → [\"req.id\"] (the edge to cut)",
                      "reference cycle: self (<Session>) → .request → request & \"more\""):  # fmt: skip
            self.assertIn(title, self.page.text)

    def test_clean_reassures(self):
        self.assertIn("No findings", self.clean.text)
        self.assertIn("37 long-lived containers: 30 bounded, 5 drained", self.clean.text)
        self.assertEqual(self.clean.all("form"), [])

    def test_headings_are_in_order(self):
        level = 0
        for tag, _ in self.page.elements:
            if re.fullmatch("h[1-6]", tag):
                self.assertLessEqual(int(tag[1]), level + 1)
                level = int(tag[1])


class Output(unittest.TestCase):
    """The binary's page, as one file and as a folder."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.dir = Path(cls.folder.name)
        places = ["LMP201/singleton_elsewhere", "LMP101/two_modules", "LMP301/forwards.py"]
        outputs = "html=%s/one.html,html=%s/new/dir/,json=%s/a.json" % ((cls.dir,) * 3)
        done = limpet("--isolated", "--output-format", outputs, *places, cwd=FIXTURES)
        if (done.returncode, done.stdout, done.stderr) != (1, "", ""):
            raise AssertionError(done)
        cls.one = (cls.dir / "one.html").read_text()
        cls.findings = strict_json((cls.dir / "a.json").read_text())["findings"]

    def test_one_file_has_all_in_it(self):
        page = Page(self.one)
        self.assertEqual(page.all("link"), [])
        policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        for tag, kind in (("style", "style-src"), ("script", "script-src")):
            (content,) = re.findall("<%s>(.*?)</%s>" % (tag, tag), self.one, re.S)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            self.assertIn("%s 'sha256-%s'" % (kind, digest), policy)
        self.assertLessEqual(len(SCRIPT.encode()), 10 * 1024)
        self.assertEqual(len(page.all("details", **{"class": "finding"})), len(self.findings))

    def test_a_folder_has_three_files(self):
        folder = self.dir / "new" / "dir"
        self.assertEqual(sorted(os.listdir(folder)), ["index.html", "limpet.css", "limpet.js"])
        self.assertEqual((folder / "limpet.css").read_text(), STYLE)
        self.assertEqual((folder / "limpet.js").read_text(), SCRIPT)
        page = Page((folder / "index.html").read_text())
        self.assertEqual(page.all("style"), [])
        one = re.sub("<(style|script)>.*?</(style|script)>", "", self.one, flags=re.S)
        self.assertEqual(page.text.split(), Page(one).text.split())

    def test_bytes_depend_on_the_input_alone(self):
        again = limpet(
            "--isolated", "-j1", "--output-format=html", "LMP301/forwards.py", "LMP101/two_modules",
            "LMP201/singleton_elsewhere", cwd=FIXTURES,
        )  # fmt: skip
        self.assertEqual(again.stdout, self.one)

    def test_a_folder_that_cannot_be_made(self):
        for target, text in (("one.html/", "Not a directory"), ("one.html/x/", "Not a directory")):
            done = limpet("--isolated", "--output-format=html=" + target, str(FIXTURES / "LMP205"), cwd=self.dir)
            self.assertEqual(done.returncode, 2)
            self.assertIn("cannot make '%s': %s" % (target, text), done.stderr)
        done = limpet("--output-format=json=x/", cwd=self.dir)
        self.assertIn("'x/' is a folder: 'json' is one file", done.stderr)

    def test_many_findings_are_closed(self):
        done = limpet("--isolated", "--output-format=html", "LMP201", cwd=FIXTURES)
        findings = Page(done.stdout).all("details", **{"class": "finding"})
        self.assertGreater(len(findings), 30)
        self.assertEqual({"open" in f for f in findings}, {False})


class Checker(unittest.TestCase):
    """The W3C's checker (npm vnu-jar)."""

    def test_no_error(self):
        jar = validators.need_package("vnu-jar") / "build" / "dist" / "vnu.jar"
        validators.need_command("java")
        with tempfile.TemporaryDirectory() as folder:
            page = inlined(golden("html"))
            for name, text in (("page", page), ("clean", golden("html_clean"))):
                Path(folder, name + ".html").write_text(text)
            done = subprocess.run(
                ["java", "-jar", str(jar), "--errors-only", "--also-check-css", folder],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        said = [line for line in done.stdout.decode().splitlines() if line]
        self.assertEqual(said, [])


PROBE = """<script>
addEventListener("load", async () => {
  const out = {};
  const $ = (id) => document.getElementById(id);
  const finding = (all) => [...document.querySelectorAll(".finding")].filter((f) => all || !f.hidden);
  const rows = () => [...document.querySelectorAll("#index tbody tr")].filter((f) => !f.hidden).length;
  const set = (id, value) => { $(id).value = value; $(id).dispatchEvent(new Event("input", {bubbles: true}));
                               $(id).dispatchEvent(new Event("change", {bubbles: true})); };
  const key = (key) => (document.activeElement || document.body).dispatchEvent(
    new KeyboardEvent("keydown", {key, bubbles: true}));
  const here = () => document.activeElement.closest(".finding")?.id;
  out.controls = !$("controls").hidden;
  out.all = finding(true).length;
  out.all_rows = rows();
  set("severity", "error"); out.errors = finding().length; out.error_rows = rows(); set("severity", "");
  set("text", "no such words"); out.none = finding().length; set("text", "");
  out.back = finding().length;
  set("sort", "path"); out.by_path = finding(true).map((f) => f.dataset.path); set("sort", "");
  $("fold").click(); out.folded = finding().every((f) => !f.open);
  const ids = finding().map((f) => f.id);
  key("j"); out.first = here() === ids[0]; key("j"); out.second = here() === ids[1];
  key("k"); out.back_to_first = here() === ids[0]; out.opened = finding()[0].open;
  key("o"); out.o_folds = !finding()[0].open;
  const row = document.querySelector("#index tbody tr .holder a"); row.click();
  await new Promise((done) => setTimeout(done, 100));
  out.opens_target = document.getElementById(row.hash.slice(1)).open;
  const before = getComputedStyle(document.body).backgroundColor; $("theme").click();
  out.theme = before !== getComputedStyle(document.body).backgroundColor;
  out.copies = document.querySelectorAll(".copy button").length;
  if (window.axe) {
    const found = [];
    for (const round of [0, 1]) {
      for (const f of document.querySelectorAll("details")) f.open = true;
      const result = await axe.run(document, {resultTypes: ["violations"]});
      found.push(...result.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html).join(" | ")));
      $("theme").click();
    }
    out.axe = found;
  }
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script>"""


class Browser(unittest.TestCase):
    """Headless Chromium, with and without JavaScript."""

    def dom(self, page, *options):
        chromium = validators.need_command("chromium", "chromium-browser", "google-chrome")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "page.html").write_text(page)
            done = subprocess.run(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=%s/profile" % folder,
                 "--virtual-time-budget=20000", "--dump-dom", *options, "file://%s/page.html" % folder],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
            )  # fmt: skip
        return done.stdout.decode(), done.stderr.decode()

    def real_page(self):
        places = ["LMP201/singleton_elsewhere", "LMP101/two_modules", "LMP301/forwards.py"]
        return limpet("--isolated", "--output-format=html", *places, cwd=FIXTURES).stdout

    def test_policy_lets_script_and_style_in(self):
        dom, said = self.dom(self.real_page(), "--enable-logging=stderr")
        self.assertNotIn("Content Security Policy", said)
        self.assertIn('<form id="controls">', dom)

    def test_without_script_all_can_be_read(self):
        """As with hosts whose policy lets no script in."""
        page = re.sub(r"script-src '[^']*'", "script-src 'none'", self.real_page())
        dom, _ = self.dom(page)
        self.assertIn('<form id="controls" hidden="">', dom)
        self.assertNotIn('<button type="button">Copy', dom)
        for details in re.findall('<details class="finding"[^>]*>', dom):
            self.assertIn(' open="', details)

    def test_controls(self):
        probe = self.probe(golden("html"))
        count = {s: sum(f["severity"] == s for f in SAMPLE) for s in ("error", "warning", "note")}
        self.assertEqual((probe["all"], probe["back"], probe["none"]), (len(SAMPLE), len(SAMPLE), 0))
        self.assertEqual((probe["errors"], probe["error_rows"]), (count["error"], count["error"]))
        self.assertEqual(probe["all_rows"], self.rows())
        self.assertEqual(probe["by_path"], sorted(probe["by_path"]))
        for name in ("controls", "folded", "first", "second", "back_to_first", "opened", "o_folds", "opens_target",
                     "theme"):  # fmt: skip
            self.assertIs(probe[name], True, name)
        self.assertEqual(probe["copies"], len(SAMPLE))

    def test_axe_finds_nothing(self):
        axe = (validators.need_package("axe-core") / "axe.min.js").read_text()
        self.assertEqual(self.probe(golden("html"), "<script>%s</script>" % axe)["axe"], [])

    def rows(self):
        """One for each holder, or for the scope and rule of a finding without one."""
        def key(finding):
            nodes = [s for s in finding["evidence"] if s["kind"] == "node"]
            if not nodes:
                return finding["path"], finding["code"], finding["scope"]
            node = nodes[0]
            return (node["path"], node["line"], node["column"]) if node["path"] else finding["fingerprint"]

        return len({key(finding) for finding in SAMPLE})

    def probe(self, page, more=""):
        dom, said = self.dom(inlined(page).replace("</body>", more + PROBE + "</body>"))
        match = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S)
        self.assertTrue(match, said[-2000:])
        import html as entities

        return json.loads(entities.unescape(match.group(1)))


if __name__ == "__main__":
    unittest.main()
