"""Templates that want out, or that want everything: each is stopped, within seconds and little memory."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from jinja2.exceptions import SecurityError

from sheetcrm.reports import sandbox as module
from sheetcrm.reports.sandbox import Sandbox, TemplateTooLarge

CONTEXT = {"text": "abc", "rows": [{"name": f"n{i}"} for i in range(100)], "number": 7, "nothing": None}


def fill(folder: Path, template: str, **context: object) -> str:
    (folder / "t.txt.j2").write_text(template, encoding="utf-8")
    return Sandbox((folder,)).fill("t.txt.j2", {**CONTEXT, **context})


OBJECTS = [
    "text",
    "rows",
    "number",
    "''",
    "[]",
    "{}",
    "()",
    "range",
    "dict",
    "namespace()",
    "text.upper",
    "rows[0]",
    "self",
]
WAYS = [
    "{{ @.__class__.__mro__ }}",
    "{{ @['__class__']['__base__'] }}",
    "{{ (@|attr('__class__')).__subclasses__() }}",
    "{{ @|attr('__cl' ~ 'ass__')|attr('__mro__') }}",
    "{{ ([@]|map(attribute='__class__')|first).__name__ }}",
    "{{ '{0.__class__.__mro__}'.format(@) }}",
    "{% set x = @.__init__.__globals__ %}{{ x }}",
    "{{ @.__reduce_ex__(2) }}",
]
SINGLE = [
    "{{ ''.__class__ }}",
    "{{ text.format.__self__.__class__.__mro__[1].__subclasses__() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}",
    "{{ eval('1') }}",
    "{% import 'os' as os %}",
    "{% include '/etc/passwd' %}",
    "{% include '../../../etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% from 'os' import system %}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{% endmacro %}{{ m._func.__code__ }}",
    "{% for x in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{{ (1).__add__.__self__.__class__.__base__.__subclasses__() }}",
    "{{ rows.append(1) }}",
    "{{ rows.clear() }}",
    "{{ rows[0].update(name='x') }}",
    "{{ rows[0].pop('name') }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ range.__class__.__base__ }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'].__mro__ }}",
    "{{ text|attr(['__class__']|first)|attr('__mro__') }}",
    "{{ '%s'.__mod__.__self__.__class__.__mro__ }}",
    "{{ '{0.__init__.__globals__}'.format(namespace()) }}",
    "{{ '{x.__class__}'.format_map({'x': rows}).__class__ }}",
    "{{ ['{0.__class__.__mro__}']|map('format', 1)|map(attribute='__class__')|list }}",
    "{{ rows|groupby('__class__.__mro__') }}",
    "{{ rows|sort(attribute='__class__.__mro__') }}",
    "{{ rows|sum(attribute='__class__') }}",
]  # fmt: skip
ESCAPES = [way.replace("@", one) for way, one in product(WAYS, OBJECTS)] + SINGLE


def test_every_way_out_is_closed(tmp_path):
    assert len(ESCAPES) >= 103
    through = {}
    for template in ESCAPES:
        try:
            said = fill(tmp_path, template)
        except Exception:  # noqa: BLE001, S112 -- whatever stops it
            continue
        through[template] = said
    assert through == {}


DOUBLED = "{% set ns = namespace(x=START) %}{% for i in range(60) %}{% set ns.x = STEP %}{% endfor %}{{ ns.x|length }}"
TEXTS = """
ns.x ~ ns.x
ns.x + ns.x
[ns.x, ns.x]|join
''.join([ns.x, ns.x])
ns.x|replace('a', ns.x)
ns.x.replace('a', ns.x)
'%s%s'|format(ns.x, ns.x)
'%s%s' % (ns.x, ns.x)
'{0}{0}'.format(ns.x)
'{x}{x}'.format_map({'x': ns.x})
ns.x|indent(9999)|upper ~ ns.x
ns.x|wordwrap(1, wrapstring=ns.x)
ns.x|indent(ns.x, true) ~ '\n' ~ ns.x
"""
LISTS = """
ns.x + ns.x
[ns.x, ns.x]
(ns.x, ns.x)
{'a': ns.x, 'b': ns.x}
dict(a=ns.x, b=ns.x)
"""
WIDTHS = """
'x' * 10**9
[1] * 10**9
10 ** 10 ** 10
'x'.ljust(10000000000)
'x'.center(9999999999)
'7'.zfill(9999999999)
'a\tb'.expandtabs(9999999999)
'x'|center(9999999999)
'x\ny'|indent(9999999999)
'%9999999999d'|format(1)
'%9999999999d' % 1
'%*d' % (9999999999, 1)
'%*d'|format(9999999999, 1)
'{:9999999999}'.format(1)
'{:{}}'.format(1, 9999999999)
[1]|batch(9999999999, 0)|list
[1]|slice(9999999999)|list
{'a': 1}|tojson(indent=9999999999)
"""
LOOPS = """
{% for a in range(10**9) %}{% endfor %}
{% for a in rows %}{% for b in rows %}{% for c in rows %}{% for d in rows %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}
{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}
{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}
{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}
{% for a in range(40000) %}{{ rows }}{% endfor %}
{% for a in range(40000) %}{{ range(40000)|sum }}{% endfor %}
{% include 't.txt.j2' %}
{% extends 't.txt.j2' %}
{% import 't.txt.j2' as t %}
"""  # noqa: E501 -- templates
BOMBS = [
    *(DOUBLED.replace("START", "'a b'").replace("STEP", step) for step in TEXTS.split("\n") if step),
    *(DOUBLED.replace("START", "[1]").replace("STEP", step) for step in LISTS.split("\n") if step),
    DOUBLED.replace("START", "9").replace("STEP", "ns.x * ns.x"),
    *(f"{{{{ {width} }}}}" for width in WIDTHS.split("\n") if width),
    *filter(None, LOOPS.split("\n")),
    "{{ " + "(" * 20000 + "1" + ")" * 20000 + " }}",
    "{{ " + "-" * 20000 + "1 }}",
    "{% if 1 %}" * 5000,
]

CHILD = """
import resource, sys
sys.path.insert(0, sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (900 * 2**20,) * 2)
from pathlib import Path
from time import process_time
from test_sandbox import BOMBS, fill, module
# A tenth of the budgets: it is the same question, in a tenth of the time.
module.MOST_STEPS, module.MOST_CHARACTERS = 50_000, 200_000
for number, template in enumerate(BOMBS):
    start = process_time()
    try:
        print(number, "went off:", fill(Path(sys.argv[2]), template)[:50])
    except Exception as error:
        if isinstance(error, MemoryError):
            print(number, template[:90], "took all memory")
    if process_time() - start > 5:
        print(number, template[:90], "took", process_time() - start)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits memory as only POSIX does")
def test_every_bomb_is_stopped_within_seconds_and_little_memory(tmp_path):
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_takes_too_long_is_stopped_by_the_clock_of_its_thread(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_SECONDS", 0.05)
    with pytest.raises(TemplateTooLarge, match="seconds"):
        fill(tmp_path, "{% for a in range(200000) %}{% endfor %}")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (
            "{% for row in rows %}{{ loop.index }}{% if loop.last %}!{% endif %}{% endfor %}",
            "".join(map(str, range(1, 101))) + "!",
        ),
        ("{% for a, b in {'x': 1}.items() %}{{ a ~ b }}{% endfor %}", "x1"),
        ("{{ [1, 2, 3]|sum }} {{ (1, 2)|join('-') }} {{ {'a': 5}.a }}", "6 1-2 5"),
        ("{{ '%05.2f'|format(3.14159) }} {{ '{:>5}'.format(7) }} {{ 'x'.ljust(3) }}|", "03.14     7 x  |"),
        ("{{ 7 * 6 }} {{ 2 + 3 }} {{ 7 % 4 }} {{ 'a' + 'b' }}", "42 5 3 ab"),
        ("{{ gone|default('none') }} {{ rows|map(attribute='name')|first }}", "none n0"),
        ("{% set ns = namespace(n=0) %}{% for r in rows %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "100"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('a') ~ m('b') }}", "<a><b>"),
    ],
)
def test_what_templates_usually_do_goes_on_working(tmp_path, template, said):
    assert fill(tmp_path, template) == said


def test_text_that_is_put_together_is_escaped_in_html_and_nowhere_else(tmp_path):
    for name, said in (("t.html.j2", "&lt;b&gt;<i>"), ("t.txt.j2", "<b><i>")):
        (tmp_path / name).write_text("{{ text ~ '<i>'|safe }}", encoding="utf-8")
        assert Sandbox((tmp_path,)).fill(name, {"text": "<b>"}) == said


def test_each_rendering_has_its_own_budget(tmp_path):
    (tmp_path / "t.txt.j2").write_text("{% for a in range(300000) %}{% endfor %}done", encoding="utf-8")
    with pytest.raises((SecurityError, TemplateTooLarge)):
        Sandbox((tmp_path,)).fill("t.txt.j2", {})
    (tmp_path / "t.txt.j2").write_text("{% for a in range(200000) %}{% endfor %}done", encoding="utf-8")
    box = Sandbox((tmp_path,))
    assert [box.fill("t.txt.j2", {}) for _ in range(3)] == ["done"] * 3
