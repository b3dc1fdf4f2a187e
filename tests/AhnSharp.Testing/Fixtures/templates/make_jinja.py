"""Makes jinja.json beside this file: small templates, and what a real Jinja makes of them.

    python3 make_jinja.py

needs python3-jinja2 (3.1). The environment is set up as transformers sets it up for chat templates; the clock says 5 March 2026, 14:07:09.
A case is {"template", "expected"} or, where Jinja fails, {"template", "fails": true}; "input" names the conversation where it is not "plain".
family/*.jinja are templates in the style of the Qwen family's, each rendered over the conversations of make.py.
"""
import datetime
import json
import pathlib
import runpy

import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).resolve().parent
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9, 123456)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_inside"), [], [], body).set_lineno(line)

    def _inside(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    made = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = NOW.strftime
    return made


TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Get <weather> & \"more\" für 'x' 🦙",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1.0}}, "required": ["city"]}}}]
INPUTS = {
    "plain": {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi  there\n"},
                           {"role": "assistant", "content": "<think>\nhmm\n</think>\n\nHello"}, {"role": "user", "content": "Weather?"}], "tools": None},
    "call": {"messages": [{"role": "user", "content": "Weather?"},
                          {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}}]},
                          {"role": "tool", "content": "{\"temp\": 21.5}"}], "tools": TOOLS},
}

TEXT = r"""
{{ 'a-b c'.title() }}|{{ "they're bill's".title() }}|{{ 'ß fﬁ'.title() }}
{{ 'hello World'.capitalize() }}|{{ ''.capitalize() }}|{{ 'ÉCOLE'.capitalize() }}
{{ 'Hello Wörld ß'.upper() }}|{{ 'HELLO ÄÖ'.lower() }}|{{ 'Straße'.casefold() }}|{{ 'aBc'.swapcase() }}
{{ 'a\nb\r\nc\x0bd\u2028e'.splitlines() }}|{{ 'a\nb\n'.splitlines(True) }}|{{ ''.splitlines() }}|{{ '\n'.splitlines() }}
{{ 'banana'.find('an') }}{{ 'banana'.find('an', 2) }}{{ 'banana'.find('x') }}{{ 'banana'.rfind('an') }}{{ 'banana'.rfind('an', 0, 4) }}{{ '🦙a🦙b'.find('b') }}{{ 'abc'.find('') }}{{ 'abc'.rfind('') }}{{ 'abc'.find('', 9) }}
{{ 'banana'.count('an') }}{{ 'aaaa'.count('aa') }}{{ 'abc'.count('') }}{{ 'banana'.count('a', 2) }}{{ 'banana'.count('a', -2, -1) }}
{{ 'banana'.index('nan') }}{{ 'banana'.rindex('a') }}
{{ 'banana'.index('x') }}
{{ '12'.isdigit() }}{{ '1.2'.isdigit() }}{{ ''.isdigit() }}{{ '²'.isdigit() }}{{ '½'.isdigit() }}{{ '½'.isnumeric() }}{{ '²'.isdecimal() }}{{ '٣'.isdecimal() }}
{{ 'abc'.isalpha() }}{{ 'ab1'.isalpha() }}{{ 'ab1'.isalnum() }}{{ ' \t'.isspace() }}{{ 'ABC'.isupper() }}{{ 'abc'.islower() }}{{ 'Abc De'.istitle() }}{{ 'é'.isascii() }}{{ 'a\n'.isprintable() }}
{{ 'a b  c'.rsplit(' ', 1) }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ ' a  b '.rsplit() }}|{{ ' a  b c '.rsplit(None, 1) }}|{{ 'a,b'.rsplit(',') }}
{{ 'a,b,c'.split(',', 1) }}|{{ ' a  b '.split() }}|{{ ' a  b c '.split(None, 1) }}|{{ 'abc'.split('x') }}|{{ ''.split() }}|{{ ''.split(',') }}
{{ 'a,b,c'.split(sep=',', maxsplit=1) }}|{{ 'a b c'.split(maxsplit=1) }}
{{ 'abab'.split('ab') }}|{{ 'aaa'.split('aa') }}|{{ 'aaa'.rsplit('aa') }}
{{ 'a-b-c'.partition('-') }}|{{ 'abc'.partition('-') }}|{{ 'a-b-c'.rpartition('-') }}|{{ 'abc'.rpartition('-') }}
{{ 'xabc'.removeprefix('x') }}{{ 'abc'.removeprefix('x') }}{{ 'abcx'.removesuffix('x') }}{{ 'abc'.removesuffix('') }}
{{ 'abc'.startswith('ab') }}{{ 'abc'.startswith(('x', 'a')) }}{{ 'abc'.startswith('b', 1) }}{{ 'abc'.endswith(('x', 'c')) }}{{ 'abc'.endswith('b', 0, 2) }}{{ 'abc'.startswith('') }}{{ 'abc'.startswith('', 9) }}
{{ 'abc'.startswith(['a']) }}
{{ 'abc'.startswith(1) }}
{{ '<' ~ 'ab'.center(7) ~ '|' ~ 'ab'.center(5, '*') ~ '|' ~ 'abc'.center(6, '-') ~ '|' ~ 'ab'.ljust(4) ~ '|' ~ 'ab'.rjust(4, '.') ~ '>' }}
{{ '42'.zfill(5) }}|{{ '-42'.zfill(5) }}|{{ 'a\tb\tc'.expandtabs(4) }}|{{ 'a\tb'.expandtabs() }}
{{ 'abcabc'.replace('b', 'X') }}|{{ 'abcabc'.replace('b', 'X', 1) }}|{{ 'abc'.replace('', '-') }}|{{ 'abc'.replace('', '-', 2) }}|{{ 'aaa'.replace('aa', 'b') }}|{{ ''.replace('', 'x') }}
{{ '  x '.strip() }}|{{ 'xyx'.strip('x') }}|{{ 'abcba'.lstrip('ab') }}|{{ 'abcba'.rstrip('ab') }}|{{ '\u00a0x\u2003'.strip() }}|{{ 'x'.strip('') }}|{{ '🦙a🦙'.strip('🦙') }}
{{ ', '.join(['a', 'b']) }}|{{ '-'.join('abc') }}|{{ ', '.join([]) }}|{{ ''.join(('a', 'b')) }}|{{ ','.join({'a': 1, 'b': 2}) }}
{{ ','.join(['a', 1]) }}
{{ '{} and {}'.format('a', 1) }}|{{ '{1}{0}{1}'.format('a', 'b') }}|{{ '{x}-{y}'.format(x=1, y=none) }}|{{ '{{}}{}'.format(2) }}
{{ '{:>5}|{:<5}|{:^5}|{:*^7}|{:5}|{:5}'.format('a', 'b', 'c', 'd', 'e', 7) }}
{{ '{:05d}|{:+d}|{: d}|{:,}|{:_}|{:x}|{:X}|{:#x}|{:o}|{:b}|{:#b}|{:c}'.format(42, 42, 42, 1234567, 1234567, 255, 255, 255, 8, 5, 5, 65) }}
{{ '{:.2f}|{:8.3f}|{:e}|{:.1e}|{:g}|{:.3g}|{:%}|{:.0f}|{:.1f}|{:.2f}|{:,.2f}'.format(3.14159, 2.5, 12345.678, 0.00012, 1e20, 1234.5, 0.25, 2.5, 0.25, 0.125, 1234567.891) }}
{{ '{:.3}|{:10.2}|{:<08}|{:=+8}'.format('abcdef', 'xyz', 5, 42) }}|{{ '{:.3}'.format(3.14159) }}|{{ '{:.3}'.format(31415.9) }}
{{ '{0[k]} {0[l][1]} {1[0]}'.format({'k': 'v', 'l': [1, 2]}, ['x']) }}|{{ '{!r} {!s}'.format('a', 'b') }}|{{ '{:{w}}'.format('a', w=4) }}|
{{ '{}'.format() }}
{{ '{0} {}'.format(1, 2) }}
{{ '{'.format(1) }}
{{ '}'.format(1) }}
{{ '{x}'.format(y=1) }}
{{ '{:d}'.format('a') }}
{{ '{:q}'.format(1) }}
{{ '%s is %d years, %5.1f%%' % ('Al', 42, 99.5) }}|{{ '%s' % 'x' }}|{{ '%r %r' % ('x', 1) }}|{{ '%05d|%-5d|%+d|% d|%x|%X|%o|%#x' % (42, 42, 42, 42, 255, 255, 8, 255) }}
{{ '%(a)s-%(b)03d' % {'a': 'x', 'b': 7} }}|{{ '%c%c' % ('a', 98) }}|{{ '%e|%g|%G|%E' % (12345.678, 0.0001, 1e-10, 1.5) }}|{{ '%.3s|%10s|%-10s|' % ('abcdef', 'r', 'l') }}|{{ '%*d' % (5, 42) }}
{{ '%s %s' % ('a',) }}
{{ '%s' % ('a', 'b') }}
{{ '%d' % 'a' }}
{{ '%y' % 1 }}
{{ '%s and %s' | format('a', 'b') }}|{{ '%(x)s' | format(x=3) }}|{{ '%s' | format([1, 2]) }}|{{ '%s' % [1] }}|{{ '%s' % none }}
{{ 'hello world'|capitalize }}|{{ 'hello wOrld-foo (bar) [baz'|title }}|{{ 'x'|upper }}{{ 'X'|lower }}|{{ 5|upper }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(2, blank=true) }}|{{ 'a\nb'|indent('> ') }}|{{ 'a\nb'|indent(width=3, first=True) }}|{{ ''|indent(2, true) }}|{{ 'a\n'|indent(2) }}|
{{ '<a href="x">\'&</a>'|escape }}|{{ '<b>'|e }}|{{ '<b>'|safe }}|{{ 'a/b c&d é'|urlencode }}
{{ 'one two  three, four_5'|wordcount }}|{{ 'äö ü'|wordcount }}
{{ 'foo bar baz qux'|truncate(9) }}|{{ 'foo bar baz qux'|truncate(9, true) }}|{{ 'foo bar baz qux'|truncate(11) }}|{{ 'foo bar baz qux'|truncate(9, false, '..', 0) }}
{{ 'x'|center(5) }}|{{ 'abc'|reverse }}|{{ 'a'|string|length }}|{{ 'aXbX'|replace('X', '-') }}|{{ 'aXbX'|replace('X', '-', 1) }}|{{ '  a '|trim }}|{{ 'xax'|trim('x') }}
{{ 'abc'|first }}{{ 'abc'|last }}{{ ''|first }}{{ 'abc'|list }}{{ 'abc'|length }}{{ '🦙é'|length }}
{{ 'abc'[0] }}{{ 'abc'[-1] }}{{ 'abc'[5] }}{{ 'abc'[1:] }}{{ 'abc'[::-1] }}{{ 'abcdef'[::2] }}{{ 'abcdef'[-2:] }}{{ 'abcdef'[4:1:-1] }}{{ 'abcdef'[10:] }}
{{ 'a' 'b' }}{{ "q\"'\\\n\t\x41\u00e9" }}|{{ 'a' * 3 }}{{ 3 * 'b' }}{{ 'a' * -1 }}|{{ 'a' ~ 1 ~ none ~ true ~ 1.5 }}
{{ 'a' in 'abc' }}{{ 'x' not in 'abc' }}{{ '' in 'a' }}{{ 'ab' < 'b' }}{{ 'a' == 'a' }}{{ 'é' > 'z' }}
{{ 1 in 'a' }}
{{ 'a' + 1 }}
{{ 'abc'.nope }}|{{ 'abc'.nope is defined }}
{{ 'abc'.nope() }}
{{ 'x'.join(1) }}
{{ messages[1].content|trim|upper }}|{{ messages[2].content.split('</think>')[-1].lstrip('\n') }}|{{ messages[2]['content'].rsplit('</think>', 1)|last|trim }}
"""

NUMBERS = r"""
{{ 7 // 2 }}|{{ -7 // 2 }}|{{ 7 % 3 }}|{{ -7 % 3 }}|{{ 7 % -3 }}|{{ 7 / 2 }}|{{ 6 / 2 }}|{{ 7.5 // 2 }}|{{ -7.5 % 2 }}|{{ 7 - 10 }}
{{ 2 ** 3 }}|{{ 2 ** -1 }}|{{ 2 ** 3 ** 2 }}|{{ -2 ** 2 }}|{{ 2.0 ** 3 }}|{{ 2 ** 0.5 }}|{{ 2 ** 64 }}|{{ 10 ** 20 - 1 }}|{{ (-3) ** 3 }}
{{ 9223372036854775807 + 1 }}|{{ 99999999999999999999 * 2 }}|{{ -9223372036854775808 - 1 }}|{{ 2 ** 100 // 3 }}|{{ 2 ** 100 % 7 }}|{{ 2 ** 70 / 2 ** 69 }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ 1.5 // 0 }}
{{ 0x1f }}{{ 0b101 }}{{ 0o17 }}{{ 1_000 }}|{{ 1e3 }}|{{ 1.5e-7 }}|{{ 1e16 }}|{{ 123456789012345678.0 }}|{{ 0.1 + 0.2 }}|{{ 1e22 }}|{{ 100.0 }}|{{ -0.0 }}|{{ 1e-5 }}|{{ 0.0001 }}
{{ '3'|int }}{{ ' 4 '|int }}{{ '3.7'|int }}{{ 'x'|int }}{{ 'x'|int(9) }}{{ 3.9|int }}{{ -3.9|int }}{{ true|int }}{{ none|int }}{{ none|int(default=-1) }}
{{ '0x1F'|int(0, 16) }}{{ '1f'|int(base=16) }}{{ '101'|int(base=2) }}{{ '1_000'|int }}{{ '1__0'|int }}{{ '٣'|int }}{{ '1e3'|int }}{{ 'inf'|int(7) }}{{ []|int }}
{{ '3.5'|float }}|{{ 3|float }}|{{ 'x'|float }}|{{ 'x'|float(1.5) }}|{{ '1e3'|float }}|{{ 'inf'|float }}|{{ '-Infinity'|float }}|{{ 'nan'|float }}|{{ ' 2.5 '|float }}|{{ none|float }}|{{ '.5'|float }}|{{ '5.'|float }}|{{ 1e400 }}
{{ -3|abs }}{{ -2.5|abs }}{{ true|abs }}
{{ 'a'|abs }}
{{ 42.55|round }}|{{ 42.55|round(1) }}|{{ 42.55|round(1, 'floor') }}|{{ 42.51|round(1, 'ceil') }}|{{ 42|round }}|{{ 2.5|round }}|{{ 3.5|round }}|{{ 2.675|round(2) }}|{{ 1234|round(-2) }}|{{ 1250.0|round(-2) }}|{{ 1e30|round(2) }}|{{ 42.7|round|int }}
{{ 42|round(1, 'nope') }}
{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 1 == 1.0 }}{{ 1 == true }}{{ 0 == false }}{{ 1 != 2 }}{{ '1' == 1 }}{{ none == false }}{{ 2 >= 2 }}{{ 1 < 1.5 }}
{{ 1 < 'a' }}
{{ none < 1 }}
{{ true + true }}{{ -true }}{{ +3 }}{{ - 3 }}{{ --3 }}{{ not 1 }}{{ not 0 }}{{ 1 and 2 }}{{ 0 or 'x' }}{{ '' or none }}{{ 1 if 0 }}|{{ 1 if 0 else 2 }}|{{ 'y' if [] else 'n' }}
{{ 3 is divisibleby 3 }}{{ 3 is odd }}{{ 4 is even }}{{ 4 is divisibleby(3) }}{{ 2.0 is even }}
{{ 3 is gt 2 }}{{ 3 is ge 3 }}{{ 3 is lt 2 }}{{ 3 is le 3 }}{{ 3 is eq 3 }}{{ 3 is ne 3 }}{{ 3 is greaterthan(2) }}{{ 3 is lessthan 4 }}{{ 3 is equalto 3 }}
{{ 3 is number }}{{ 3 is integer }}{{ 3.0 is integer }}{{ 3.0 is float }}{{ true is integer }}{{ true is number }}{{ true is boolean }}{{ 1 is true }}{{ true is true }}{{ false is false }}
{{ [1, 2, 3]|sum }}|{{ [1.5, 2]|sum }}|{{ [1, 2]|sum(start=10) }}|{{ [{'a': 1}, {'a': 2}]|sum('a') }}|{{ []|sum }}|{{ [1, 2]|max }}|{{ [3, 1]|min }}|{{ []|max }}|{{ ['b', 'A']|min }}|{{ ['b', 'A']|min(true) }}|{{ [{'a': 1}, {'a': 2}]|max(attribute='a') }}
{{ ['a']|sum }}
{{ range(3) }}|{{ range(1, 4)|list }}|{{ range(5, 0, -2)|list }}|{{ range(3)|length }}|{{ range(3)[1] }}|{{ range(0)|list }}|{{ range(10)|sum }}|{{ 2 in range(3) }}|{{ range(0, 6, 2) }}|{{ range(3)|last }}
{{ range(1000000)|list }}
{{ range() }}
"""

LISTS = r"""
{{ ['a', 1, None, True, 'it\'s', 1.5, [2], (3,), {'k': 'v'}, ()] }}|{{ {} }}|{{ [] }}|{{ (1, 2) }}|{{ ('a',) }}
{{ {'a': 1, 'b': [1, 2], 3: 'c', none: 0, true: 1} }}|{{ {'a': 1}['a'] }}|{{ {1: 'x'}[1] }}|{{ {1: 'x'}[1.0] }}|{{ {'a': 1}.b }}|{{ {(1, 2): 'x'}[(1, 2)] }}
{{ {[1]: 2} }}
{{ "tab\tnl\nq'\"\x00\x7f\u00a0é🦙\u200b" }}|{{ ["tab\tnl\nq'\"\x00\x7f\u00a0é🦙\u200b", "it's", 'a"b', '\\'] }}
{{ [1, 2] + [3] }}|{{ [1] * 3 }}|{{ (1,) + (2,) }}|{{ [1, 2][::-1] }}|{{ [1, 2, 3][1:] }}|{{ (1, 2, 3)[:2] }}|{{ [1, 2][-1] }}|{{ [1][5] }}|{{ [1][5] is defined }}
{{ [1] + (2,) }}
{{ [1, 2] == [1, 2] }}{{ [1] == (1,) }}{{ {'a': 1} == {'a': 1.0} }}{{ 1 in [1, 2] }}{{ '1' in [1] }}{{ 'a' in {'a': 1} }}{{ 1 in {'a': 1} }}{{ [1, 2] < [1, 3] }}{{ [] is sameas [] }}
{{ {'a': 1, 'b': 2}.items() }}|{{ {'a': 1}.keys() }}|{{ {'a': 1}.values() }}|{{ {'a': 1}.items()|list }}|{{ {'a': 1}|items|list }}|{{ {'a': 1}|list }}|{{ {'a': 1}.get('b', 2) }}|{{ {'a': 1}.get('x') }}|{{ {'a': 1}|length }}|{{ {'a': 1}.keys()|length }}
{{ {'items': 5}['items'] }}|{{ {'x': 1}.copy() }}|{{ [1, 2].index(2) }}|{{ [1, 1].count(1) }}|{{ (1, 2).index(1) }}|{{ [1].copy() }}
{{ [1].append(2) }}
{{ {}.update({'a': 1}) }}
{{ [1].index(5) }}
{{ dict(a=1, b='x') }}|{{ dict({'a': 1}, b=2) }}|{{ dict([('a', 1), ('b', 2)]) }}|{{ dict() }}|{{ dict(**{'z': 1}) }}
{{ [3, 1, 2]|sort }}|{{ [3, 1, 2]|sort(reverse=true) }}|{{ ['b', 'A', 'c']|sort }}|{{ ['b', 'A', 'c']|sort(case_sensitive=true) }}|{{ [{'n': 2}, {'n': 1}]|sort(attribute='n') }}|{{ [{'n': 1, 'm': 2}, {'n': 1, 'm': 1}]|sort(attribute='n,m') }}|{{ 'cab'|sort }}
{{ [1, 'a']|sort }}
{{ [{'n': 2, 'v': 'a'}, {'n': 1, 'v': 'b'}, {'n': 2, 'v': 'c'}]|sort(attribute='n', reverse=true)|map(attribute='v')|join }}
{{ ['a', 'A', 'b']|unique|list }}|{{ ['a', 'A', 'b']|unique(true)|list }}|{{ [1, 1.0, 2, true]|unique|list }}|{{ [{'a': 1}, {'a': 1}, {'a': 2}]|unique(attribute='a')|list }}
{{ {'b': 1, 'a': 2, 'C': 0}|dictsort }}|{{ {'b': 1, 'a': 2}|dictsort(by='value') }}|{{ {'b': 1, 'a': 2}|dictsort(reverse=true) }}|{{ {'B': 1, 'a': 2}|dictsort(true) }}
{% for k, v in {'b':1,'a':2}|dictsort %}{{ k }}{{ v }}{% endfor %}
{% for g, items in [{'r': 'u', 'v': 1}, {'r': 'A', 'v': 2}, {'r': 'u', 'v': 3}]|groupby('r') %}{{ g }}:{{ items|map(attribute='v')|join(',') }};{% endfor %}
{% for g in [{'r': 'u'}, {'r': 'a'}, {'x': 1}]|groupby('r', default='z') %}{{ g.grouper }}{{ g.list|length }}{{ g[0] }};{% endfor %}{{ [{'r': 1}]|groupby('r') }}
{{ [1, 2, 3, 4, 5]|batch(2)|list }}|{{ [1, 2, 3]|batch(2, 'x')|list }}|{{ [1, 2, 3, 4, 5, 6, 7]|slice(3)|list }}|{{ [1, 2, 3]|slice(2, 'x')|list }}|{{ []|batch(2)|list }}
{{ [1, 2, 3]|first }}{{ [1, 2, 3]|last }}{{ []|first }}{{ []|last is defined }}{{ [1, 2]|reverse|list }}{{ [1, [2]]|length }}{{ [1, 2]|list }}{{ {'a': 1}|first }}
{{ [1, 2, 3]|join }}|{{ [1, 2]|join(', ') }}|{{ [{'n': 'a'}, {'n': 'b'}]|join('-', attribute='n') }}|{{ 'abc'|join('.') }}|{{ []|join(',') }}|{{ [none, true]|join(' ') }}
{{ messages|selectattr('role', 'equalto', 'user')|list|length }}|{{ messages|selectattr('role', '==', 'system')|map(attribute='content')|join }}|{{ messages|rejectattr('role', 'eq', 'user')|map(attribute='role')|list }}|{{ messages|selectattr('tool_calls')|list }}|{{ messages|selectattr('role', 'in', ['user', 'tool'])|map(attribute='role')|list }}
{{ messages|selectattr('role', 'equalto', 'user')|first }}|{{ (messages|selectattr('role', 'equalto', 'user')|list)[-1].content }}|{{ messages|selectattr('content', 'defined')|list|length }}|{{ messages|selectattr('nope', 'defined')|list }}
{{ messages|selectattr('role', 'equalto', 'user')|length }}
{{ 'yes' if messages|selectattr('role', 'equalto', 'nobody') else 'no' }}|{% set g = [1, 2]|map('string') %}{{ g|list }}{{ g|list }}|{% set h = [1, 2, 3]|select('gt', 1) %}{{ h|first }}{{ h|list }}
{{ [1, 2, 3, 4]|select('even')|list }}|{{ [1, 2, 3, 4]|reject('even')|list }}|{{ [0, 1, '', 'a', none]|select|list }}|{{ [0, 1, '', 'a', none]|reject|list }}|{{ [1, 5]|select('>', 2)|list }}|{{ [1, 5]|select('divisibleby', 5)|list }}|{{ ['a', 1]|select('string')|list }}
{{ [1, 2]|select('nope')|list }}
{{ ['a', 'b']|map('upper')|list }}|{{ ['a,b', 'c']|map('replace', ',', '-')|list }}|{{ [[1, 2], [3]]|map('first')|list }}|{{ [{'a': {'b': 1}}, {'a': {'b': 2}}]|map(attribute='a.b')|list }}|{{ [{'a': 1}, {}]|map(attribute='a', default='-')|list }}|{{ [[1, 2]]|map(attribute=1)|list }}|{{ [[1, 2]]|map(attribute='1')|list }}|{{ [1.25]|map('round', 1)|list }}
{{ [1]|map('nope')|list }}
{{ ['a', 'b']|map('upper')|map('lower')|select('equalto', 'a')|join }}|{{ [3, 1]|map('int')|sort|join(',') }}
{{ messages is iterable }}{{ messages is sequence }}{{ messages[0] is mapping }}{{ messages[0] is iterable }}{{ messages[0].content is string }}{{ nope is iterable }}{{ 1 is iterable }}{{ 1 is sequence }}{{ {}.keys() is sequence }}{{ [1]|map('string') is iterable }}{{ [1]|map('string') is sequence }}{{ range is callable }}{{ 'a' is callable }}{{ 'a'.upper is callable }}
{{ none is none }}{{ nope is none }}{{ nope is undefined }}{{ nope is defined }}{{ 1 is sameas 1 }}{{ true is sameas true }}{{ none is sameas none }}{{ 'A' is upper }}{{ 'a' is upper }}{{ 'a' is lower }}{{ 1 in [1] }}{{ 1 is in [1] }}{{ 'a' is in 'abc' }}{{ 1 is not in [1] }}{{ 'upper' is filter }}{{ 'nope' is filter }}{{ 'defined' is test }}{{ 'x' is escaped }}{{ 1 is not none }}
{{ 1 is nope }}
{{ 1|nope }}
{{ nope }}|{{ nope|default('d') }}|{{ ''|default('d') }}|{{ ''|default('d', true) }}|{{ none|default('d') }}|{{ nope|d(1) }}|{{ none|default('d', boolean=true) }}|{{ nope|length }}|{{ nope|list }}|{{ nope == nope2 }}|{{ [nope] }}|{{ nope is sequence }}|{{ nope ~ 'x' }}|{{ 'x' if nope }}
{{ nope.x }}
{{ nope['x'] }}
{{ nope() }}
{{ nope + 1 }}
{{ messages[0].nope }}|{{ messages[0]['nope'] is defined }}|{{ messages[9] is defined }}|{{ messages[-1].role }}|{{ messages[:-1]|length }}|{{ messages[::-1][0].role }}|{{ messages|last|attr('role') }}|{{ (messages|last).role }}
{{ messages[9].role }}
{{ {'a': 1, 'b': 'ü'}|tojson }}|{{ {'a': 'ü🦙'}|tojson(ensure_ascii=true) }}|{{ [1, 2.0, none, true, 'a"\\\n\x01\x7f']|tojson }}|{{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }}|{{ {'a': [1]}|tojson(separators=(',', ':')) }}|{{ {1: 2, none: 3, true: 4, 1.5: 0}|tojson }}|{{ (1, 2)|tojson }}|{{ {'a': '\x7f'}|tojson(true) }}
{{ {'a': [1, {'b': 2}], 'c': {}, 'd': []}|tojson(indent=2) }}|{{ [1, 2]|tojson(indent='\t') }}|{{ {'a': 1}|tojson(indent=0) }}|{{ {'a': [1, 2]}|tojson(indent=4, separators=(',', ': ')) }}|{{ [1]|tojson(indent=2, separators=[';', '=']) }}|{{ 1e400|tojson }}|{{ 1e16|tojson }}|{{ '<&>\''|tojson }}
{{ nope|tojson }}
{{ range(3)|tojson }}
{{ {'a': 1}.items()|tojson }}
{{ namespace(a=1)|tojson }}
{% set ns = namespace(a=1) %}{{ ns }}{{ ns.a }}{{ ns.b }}{{ ns['a'] }}{% set ns.a = 2 %}{{ ns.a }}{% set ns.c = [1] %}{{ ns.c }}{{ ns.b is defined }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}
{% set x = {} %}{% set x.y = 1 %}
{% set j = joiner(', ') %}{% for x in [1, 2, 3] %}{{ j() }}{{ x }}{% endfor %}|{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}
"""

STATEMENTS = [
    "{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}"
    "{{ loop.previtem.role if loop.previtem is defined }}{{ loop.nextitem.role if loop.nextitem is defined }}{{ loop.cycle('a', 'b') }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for m in messages %}{% if loop.changed(m.role) %}[{{ m.role }}]{% endif %}{% endfor %}",
    "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }}{% endfor %}",
    "{% for x in [[1,[2]],[3]] recursive %}{{ x if x is number else loop(x) }}{% endfor %}",
    "{% for x in [{'n': 'a', 'c': [{'n': 'b', 'c': []}, {'n': 'd', 'c': [{'n': 'e', 'c': []}]}]}] recursive %}{{ loop.depth }}{{ x.n }}({{ loop(x.c) }}){% endfor %}",
    "{% for x in [1] %}{{ loop([2]) }}{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}|{% for x in [1] %}a{% else %}none{% endfor %}",
    "{% for x in [1, 2, 3, 4] if x is even %}{{ x }}{{ loop.length }}{{ loop.last }}{% endfor %}|{% for x in [1] if x > 5 %}a{% else %}e{% endfor %}",
    "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }};{% endfor %}{% for k, v in {'x': 1}.items() %}{{ k }}={{ v }}{% endfor %}",
    "{% for (a, b) in [(1, 2)] %}{{ a + b }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
    "{% for x in 5 %}{% endfor %}",
    "{% for c in 'a🦙b' %}{{ c }}.{% endfor %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = i + 10 %}{{ x }}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c = (a, b) %}{{ c }}{% set d = a, %}{{ d }}",
    "{% set x %}a{{ 1 }}{% endset %}[{{ x }}]{% set y | upper | trim %} abc {% endset %}[{{ y }}]{% set z | replace('a', 'b') %}aa{% endset %}{{ z }}",
    "{% if 0 %}a{% elif 1 %}b{% else %}c{% endif %}{% if not messages %}x{% else %}y{% endif %}",
    "{% macro m(a, b=2, c=none) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(a=5, c=6) }}|{{ m(1, c=7) }}|{{ m() }}",
    "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}{{ m(1) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ m() }}",
    "{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
    "{% macro m() %}{% set x = 1 %}{% endmacro %}{{ m() }}{{ x is defined }}{{ m is callable }}{{ m.name }}",
    "{% macro w() %}[{{ caller() }}]{% endmacro %}{% call w() %}x{% endcall %}",
    "{% macro w(t) %}{{ t }}{% for i in [1, 2] %}[{{ caller(i, 'z') }}]{% endfor %}{% endmacro %}{% call(a, b='d') w('T') %}{{ a }}{{ b }}{% endcall %}",
    "{% macro w() %}{{ caller is defined }}{% endmacro %}{{ w() }}{% call w() %}{% endcall %}",
    "{% macro w() %}x{% endmacro %}{% call w() %}y{% endcall %}",
    "{% set x = 1 %}{% with x = 2, y = 3 %}{{ x }}{{ y }}{% set z = 9 %}{% endwith %}{{ x }}{{ y is defined }}{{ z is defined }}",
    "{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a is defined }}|{% set b = 1 %}{% with b = 2, c = b %}{{ c }}{% endwith %}",
    "{% filter upper %}a{{ 'b' }}{% endfilter %}|{% filter replace('a', 'x') | upper %}aab{% endfilter %}",
    "{% filter indent(2) %}\na\nb\n{% endfilter %}",
    "{% raw %}{{ not code }}{% endraw %}|{% raw -%}  x {{ {% %}  {%- endraw %}|",
    "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\nb",
    "{% generation %}{{ messages[0].content }}{% endgeneration %}|{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% set q = 1 %}{% endgeneration %}{% endif %}{% endfor %}{{ q is defined }}",
    "{# comment #}a{#- c -#} b {#\n#}\nc",
    "  {% if true %}  \n  x\n  {% endif %}  \ny",
    "  {%- if true -%}  \n  x\n  {%- endif -%}  \ny",
    "  {%+ if true %}x{% endif +%}\n y",
    "a {{- 'b' -}} c\n",
    "{{ 'x' }}\n{{ 'y' }}\n\n",
    "{{ raise_exception('no') }}",
    "{{ strftime_now('%Y-%m-%d %H:%M:%S') }}|{{ strftime_now('%d %B %Y, %A %a %b %j %p %I %y') }}|{{ strftime_now('%-d.%-m. %e %F %T %D %R %U %W %u %w %V %G %C %h %% %n%t|%f') }}|{{ strftime_now('%c|%x|%X') }}",
    "{{ 'Today: ' + strftime_now('%Y') }}",
    "{% include 'x' %}",
    "{% if true %}",
    "{% endif %}",
    "{{ 'a",
    "{{ [1, 2 }}",
    "{% break %}",
    "{{ a b }}",
    "{{ (1, 2) is iterable }}|{{ not (1 == 2) and 3 in [3] }}|{{ 1 ~ 2 }}|{{ 2 * 3 + 4 % 3 - 1 }}|{{ -3 | abs + 1 }}|{{ 'a' ~ 'b' | upper }}|{{ ('a' ~ 'b') | upper }}",
    "{{ [1, 2,] }}{{ {'a': 1,} }}{{ (1, 2,) }}{{ range(*[1, 3])|list }}{{ dict(**{'a': 1}) }}{{ 'x'.join(*[['a', 'b']]) }}",
    "{% for m in messages -%}\n    {{ m.role }}\n{%- endfor %}",
    "{%- set ns = namespace(found=false) -%}{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set ns.found = true -%}{%- endif -%}{%- endfor -%}{{ ns.found }}",
    "{{ messages }}", "{{ messages[0] }}", "{{ messages | tojson }}", "{{ tools }}{{ documents }}{{ add_generation_prompt }}",
    "{% for m in messages %}{% set loop_role = m['role'] %}{% if loop_role is in ['user', 'assistant'] %}{{ loop_role|upper }}{% endif %}{% endfor %}",
]

CALLS = [
    "{% for m in messages %}{% if m.content is not none %}[{{ m.content }}]{% endif %}{% endfor %}",
    "{% for m in messages %}[{{ m.content }}]{% endfor %}", "{{ messages[1].content is none }}{{ messages[1].content|default('d', true) }}{{ messages[1]['content'] or '' }}",
    "{{ messages[1].content + 'x' }}", "{{ messages[1].content|length }}", "{{ messages[1].content|trim }}", "{{ '<|im_start|>' + (messages[1].content or '') }}",
    "{% for t in tools %}{{ t | tojson }}\n{% endfor %}", "{% for t in tools %}{{ t | tojson(ensure_ascii=False) }}{% endfor %}", "{{ tools | tojson(indent=4) }}", "{{ tools[0].function | tojson(separators=(',', ':'), ensure_ascii=true) }}",
    "{{ tools }}", "{{ tools[0].function.parameters.properties | dictsort }}", "{{ tools | map(attribute='function.name') | join }}", "{{ tools | map(attribute='function') | selectattr('name', 'equalto', 'get_weather') | list | length }}",
    "{% for m in messages if m.tool_calls %}{% for c in m.tool_calls %}{{ c.function.name }}({% for k, v in c.function.arguments.items() %}{{ k }}={{ v | tojson if v is not string else v }}{{ ', ' if not loop.last }}{% endfor %}){% endfor %}{% endfor %}",
    "{% for m in messages %}{% if m.tool_calls is defined and m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% endfor %}", "{{ messages[1].tool_calls[0].function.arguments is mapping }}{{ messages[1].tool_calls[0].function.arguments is string }}",
    "{{ messages | selectattr('tool_calls', 'defined') | list | length }}{{ messages | rejectattr('content') | map(attribute='role') | join }}", "{{ messages[1] }}", "{{ messages[2].content | tojson }}",
]

EXTRA = HERE / "jinja-extra.json"  # cases that came from reports, with the conversations of their own


def render(source, variables):
    try:
        return {"expected": environment().from_string(source).render(documents=None, add_generation_prompt=True, **variables)}
    except Exception:  # whatever it is, Jinja does not take it
        return {"fails": True}


def main():
    cases = []
    for block in (TEXT, NUMBERS, LISTS):
        cases += [{"template": line, **render(line, INPUTS["plain"])} for line in block.strip("\n").split("\n")]
    cases += [{"template": source, **render(source, INPUTS["plain"])} for source in STATEMENTS]
    cases += [{"template": source, "input": "call", **render(source, INPUTS["call"])} for source in CALLS]
    # Each part of a case with '|' alone too, so that a fault names what it is.
    parts = []
    for case in list(cases):
        pieces = case["template"].split("}}|{{")
        if "{%" in case["template"] or len(pieces) < 2:
            continue
        for i, piece in enumerate(pieces):
            source = ("" if i == 0 else "{{") + piece + ("" if i == len(pieces) - 1 else "}}")
            parts.append({"template": source, **({"input": case["input"]} if "input" in case else {}), **render(source, INPUTS[case.get("input", "plain")])})
    seen = set()
    cases = [c for c in cases + parts if (key := (c["template"], c.get("input"))) not in seen and not seen.add(key)]
    if EXTRA.exists():
        for case in json.loads(EXTRA.read_text(encoding="utf-8")):
            cases.append({**case, **render(case["template"], {"messages": case["messages"], "tools": case["tools"]})})
    write("jinja.json", {"now": NOW.isoformat(), "inputs": INPUTS, "cases": cases})
    family = {}
    conversations = runpy.run_path(str(HERE / "make.py"), run_name="fixtures")
    for path in sorted((HERE / "family").glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        family[path.name] = [render(source, {"messages": c["messages"], "tools": c["tools"]}) if c["add_generation_prompt"] else None for c in conversations["cases"]()]
    write("family.expected.json", family)


def write(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


main()
