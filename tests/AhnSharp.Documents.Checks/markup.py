#!/usr/bin/env python3
"""Compares what 'ahn text' prints of EPUBs and HTML pages with what Python's own parsers read of them, word by word.

    markup.py "dotnet ahn.dll" FILE... [--write docs/documents.md] [--words]

Each file is read twice: by the command, and by html.parser, zipfile and xml.etree of Python's library, which share no code with it. Words are runs of letters and
digits in lower case, Unicode's form C; a Chinese character, a kana or a hangul is a word by itself. "Lost" are words of Python's that the command has fewer of,
"added" the reverse. Navigation, which the command leaves out and counts, is left out on both sides: nav, its roles, and the classes that DocBook, Sphinx and
Texinfo give it. --write puts the tables into a file between its marks.
"""
import collections, html.parser, json, posixpath, re, shlex, subprocess, sys, time, unicodedata, urllib.parse, xml.etree.ElementTree, zipfile

VOID = set("area base br col embed hr img input link meta param source track wbr".split())
SILENT = set("script style template svg select option button textarea iframe object title head".split())
ROLES = {"navigation", "search", "menu", "menubar", "toolbar"}
CLASSES = {"navheader", "navfooter", "nav-panel", "breadcrumb", "breadcrumbs", "skip-link", "skiplink", "headerlink"}
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.skipping = [], []

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        if tag == "img" and not self.skipping and of.get("alt"):
            self.text.append(" image " + of["alt"] + " ")
        if tag not in ("a", "b", "i", "em", "strong", "span", "code", "tt", "sub", "sup", "font", "small", "big", "u", "wbr", "abbr", "var", "kbd", "cite", "acronym", "q", "dfn"):
            self.text.append("\n")
        left_out = tag in SILENT or tag in ("nav", "rt", "rp") or "hidden" in of or of.get("aria-hidden") == "true" or of.get("role") in ROLES \
            or CLASSES & set((of.get("class") or "").lower().split())
        if tag not in VOID and (self.skipping or left_out):
            self.skipping.append(tag)

    def handle_startendtag(self, tag, attributes):
        depth = len(self.skipping)
        self.handle_starttag(tag, attributes)
        del self.skipping[depth:]

    def handle_endtag(self, tag):
        if tag in self.skipping:
            while self.skipping.pop() != tag:
                pass
        if tag in ("p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "pre", "table"):
            self.text.append("\n")

    def handle_data(self, data):
        if not self.skipping:
            self.text.append(data)


def text_of(markup):
    page = Page()
    page.feed(markup)
    page.close()
    return "".join(page.text).replace("\u00ad", "").replace("\u200b", "")


def decoded(data):
    found = re.search(rb"""charset=["']?([\w-]+)|encoding=["']([\w-]+)""", data[:1024])
    name = (found.group(1) or found.group(2)).decode() if found else "utf-8"
    return data.decode("cp1252" if name.lower() in ("iso-8859-1", "us-ascii") else name, "replace")


def book(path):
    files = zipfile.ZipFile(path)
    of = lambda name: xml.etree.ElementTree.fromstring(files.read(name))
    package = of("META-INF/container.xml").find(".//{*}rootfile").get("full-path")
    root = of(package)
    items = {item.get("id"): item.get("href") for item in root.iter("{*}item")} or {item.get("id"): item.get("href") for item in root.findall(".//{*}item")}
    chapters = [items[ref.get("idref")] for ref in root.findall(".//{*}itemref")]
    join = lambda href: posixpath.normpath(posixpath.join(posixpath.dirname(package), urllib.parse.unquote(href)))
    return "\n".join(text_of(decoded(files.read(join(href)))) for href in dict.fromkeys(chapters))


def words(text):
    return collections.Counter(WORD.findall(unicodedata.normalize("NFC", text).lower()))


def compare(command, path):
    started = time.monotonic()
    run = subprocess.run([*command, "text", "--json", path], capture_output=True, check=True)
    seconds = time.monotonic() - started
    shown = json.loads(run.stdout)
    ours = shown["text"].split("\n\n", 1)[1]
    theirs = book(path) if path.endswith(".epub") else text_of(decoded(open(path, "rb").read()))
    mine, other = words(ours), words(theirs)
    return path, sum(other.values()), other - mine, mine - other, seconds


def table(rows):
    lines = ["| file | words | lost | per 1,000 | added | seconds |", "|---|---:|---:|---:|---:|---:|"]
    for path, count, lost, added, seconds in rows + [("**all**", sum(r[1] for r in rows), sum((r[2] for r in rows), collections.Counter()), sum((r[3] for r in rows), collections.Counter()), sum(r[4] for r in rows))]:
        lost, added = sum(lost.values()), sum(added.values())
        name = "/".join(path.split("/")[-2:])
        lines.append(f"| {name} | {count:,} | {lost:,} | {1000 * lost / max(1, count):.2f} | {added:,} | {seconds:.1f} |")
    return "\n".join(lines)


def main():
    arguments = sys.argv[1:]
    target = arguments[arguments.index("--write") + 1] if "--write" in arguments else None
    paths = [a for a in arguments[1:] if not a.startswith("--") and a != target]
    command = shlex.split(arguments[0])
    wrong = False
    for kind, ending in (("EPUB", (".epub",)), ("HTML", (".html", ".htm", ".xhtml"))):
        rows = [compare(command, path) for path in paths if path.endswith(ending)]
        if not rows:
            continue
        written = table(rows)
        print(f"## {kind}\n\n{written}\n")
        if "--words" in arguments:
            for path, _, lost, added, _ in rows:
                print(path, "\n  lost: ", dict(lost.most_common(30)), "\n  added:", dict(added.most_common(30)))
        if target:
            begin, end = f"<!-- {kind} by markup.py -->", f"<!-- end of {kind} -->"
            page = open(target, encoding="utf-8").read()
            before, after = page.split(begin)[0], page.split(end)[1]
            open(target, "w", encoding="utf-8").write(f"{before}{begin}\n{written}\n{end}{after}")
        wrong |= sum(sum(r[2].values()) for r in rows) > 0.001 * sum(r[1] for r in rows)
    return 1 if wrong else 0


sys.exit(main())
