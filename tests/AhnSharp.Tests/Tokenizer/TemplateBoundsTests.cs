using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>Templates of a hostile file: refused at once, with the line, whatever they try.</summary>
public sealed class TemplateBoundsTests
{
    private static readonly ChatMessage[] Messages = [new("user", "hello")];

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% for i in range(1000000000) %}x{% endfor %}", "100000")]
    [InlineData("{% for i in range(0, 9223372036854775807) %}x{% endfor %}", "100000")]
    [InlineData("{{ 'a' * 9223372036854775807 }}", "characters")]
    [InlineData("{{ 'abc' * 9223372036854775807 }}", "characters")]
    [InlineData("{{ 'a' * 1000000000 }}", "characters")]
    [InlineData(
        "{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData(
        "{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', 'aaaa') %}{% endfor %}",
        "template")]
    [InlineData("{% set ns = namespace(s=[1,2]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(s=[1,2]) %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | tojson }}",
        "template")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(1000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s == [ns.s] }}{{ ns.s | "
        + "tojson }}", "deep")]
    [InlineData("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}", "deep")]
    [InlineData("{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ 'b' in s }}{% endfor %}", "characters")]
    [InlineData("{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s == s ~ '' }}{% endfor %}", "characters")]
    [InlineData("{% set s = '🦙' * 1000000 %}{% for i in range(100000) %}{{ s[999999] }}{% endfor %}", "characters")]
    [InlineData("{{ [1, 2] | tojson(indent=1000000000) }}", "indent")]
    [InlineData("{% set t = 'ab' * 2000000 %}{% set p = 'ab' * 500000 + 'ac' + 'ab' * 500000 %}{% for i in range(100) %}{{ t.replace(p, "
        + "'') | length }}{% endfor %}", "characters")]
    [InlineData("{% set t = 'a' * 4000000 %}{% for i in range(100) %}{{ t.rfind('b' + t) }}{{ t.count('ab') }}{{ t.rsplit('b') "
        + "| length }}{% endfor %}", "characters")]
    [InlineData("{% set t = 'a ' * 4000000 %}{{ t.split() | length }}", "steps")]
    [InlineData("{% set k = 'a' * 1000000 %}{% set m = {k: 1} %}{% for i in range(100000) %}{{ m[k] }}{% endfor %}", "characters")]
    [InlineData("{% set k = 'a' * 1000000 %}{% for i in range(100000) %}{{ {k: 1} | length }}{% endfor %}", "characters")]
    [InlineData("{{ 'a'.center(1000000000000) }}", "characters")]
    [InlineData("{{ 'a'.zfill(1000000000000) }}{{ 'a'.ljust(10) }}", "characters")]
    [InlineData("{{ '{:1000000000000}'.format(1) }}", "characters")]
    [InlineData("{{ '%1000000000000d' % 1 }}", "characters")]
    [InlineData("{{ '%*d' % (1000000000000, 1) }}", "characters")]
    [InlineData("{{ '%.2000000000d' % 1 }}", "characters")]
    [InlineData("{{ 'a\tb'.expandtabs(1000000000000) }}", "characters")]
    [InlineData("{{ 'a\nb' | indent(1000000000000) }}", "characters")]
    [InlineData("{{ 2 ** 1000000000 }}", "digits")]
    [InlineData("{{ 2 ** 14000 * 2 ** 14000 }}", "digits")]
    [InlineData("{% set ns = namespace(n=3) %}{% for i in range(100) %}{% set ns.n = ns.n * ns.n %}{% endfor %}", "digits")]
    [InlineData("{{ [1] | batch(1000000000000, 0) | list }}", "steps")]
    [InlineData("{{ [1] | slice(1000000000000) | list }}", "steps")]
    [InlineData("{{ range(100000) | list * 1000 }}{{ [0] * 1000000000000 }}", "steps")]
    [InlineData(
        "{% set l = range(100000) | list %}{% for i in range(100) %}{{ l | sort | length }}{{ l | unique | list | length }}{% endfor %}",
        "steps")]
    [InlineData("{% set l = ['a' * 1000000] * 1000 %}{{ l | sort | length }}", "characters")]
    [InlineData("{% set l = ['a' * 1000000] * 1000 %}{{ l | map('upper') | list | length }}", "characters")]
    [InlineData("{% set l = ['a' * 1000000] * 1000 %}{{ l }}", "characters")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "deep")]
    [InlineData("{% macro m() %}{% call m() %}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}", "deep")]
    [InlineData(
        "{% set l = range(100000) | list %}{% for i in range(100000) %}{{ 0 in l }}{{ l.index(99999) }}{{ l.count(1) }}{% endfor %}",
        "steps")]
    public void What_costs_too_much_is_refused(string source, string named)
    {
        ChatTemplate template = ChatTemplate.Parse(source);
        DateTime start = DateTime.UtcNow;
        ChatTemplateException refused = Assert.Throws<ChatTemplateException>(() => template.Render(Messages));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, refused.Line);
        Assert.InRange((DateTime.UtcNow - start).TotalSeconds, 0, 30); // measured: under 1
    }

    /// <summary>What went past the bounds once: the work was the text times the needle, and only the text was counted.</summary>
    [Theory]
    [InlineData("t2.jinja", "0")]
    [InlineData("t33.jinja", "False")]
    public void Strip_and_in_take_time_that_grows_with_the_text_alone(string name, string expected)
    {
        DateTime start = DateTime.UtcNow;
        Assert.Equal(expected, ChatTemplate.Parse(System.IO.File.ReadAllText(Fixture.File($"templates/hostile/{name}"))).Render(Messages));
        Assert.InRange((DateTime.UtcNow - start).TotalSeconds, 0, 20); // measured: 0.3 and 0.6; it was minutes
    }

    public static TheoryData<string, string> Deep => new()
    {
        { "{{ " + Repeat("(", 100_000) + "1" + Repeat(")", 100_000) + " }}", "nest" },
        { "{{ " + Repeat("[", 100_000), "never ends" },
        { "{{ " + Repeat("not ", 100_000) + "1 }}", "nest" },
        { "{{ " + Repeat("-", 1) + Repeat(" -", 100_000) + "1 }}", "nest" },
        { "{{ " + Repeat("1 if 1 else ", 50_000) + "1 }}", "nest" },
        { Repeat("{% if 1 %}", 50_000), "nest" },
        { "{{ 1" + Repeat(" + 1", 100_000) + " }}", "deep" },
        { "{{ messages" + Repeat("[0]", 100_000) + " }}", "deep" },
        { "{{ 'a'" + Repeat(" | trim", 100_000) + " }}", "deep" },
        { new string('x', 2_000_000), "characters of template" },
    };

    [Theory]
    [MemberData(nameof(Deep))]
    public void What_nests_too_deep_is_refused(string source, string named) =>
        Assert.Contains(named, Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Messages)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Long_and_broad_but_plain_templates_run()
    {
        Assert.Equal(Repeat("x1", 10_000), ChatTemplate.Parse(Repeat("x{{ 1 }}", 10_000)).Render(Messages));
        string chain = "{{ '1' " + Repeat("~ '1' ", 10_000) + "and (1" + Repeat(" or 1", 10_000) + ") }}";
        Assert.Equal("1", ChatTemplate.Parse(chain).Render(Messages));
        Assert.Equal(Repeat("ab", 8_000_000).Length, ChatTemplate.Parse("{{ messages[0].content }}")
            .Render([new("user", Repeat("ab", 8_000_000))]).Length);
    }

    [Fact]
    public void A_conversation_of_ten_thousand_turns_runs()
    {
        List<ChatMessage> turns =
            [.. Enumerable.Range(0, 10_000).Select(i => new ChatMessage(i % 2 == 0 ? "user" : "assistant", $"turn {i}"))];
        string source = System.IO.File.ReadAllText(Fixture.File("templates/demo.jinja"));
        Assert.StartsWith("<|im_start|>user\nturn 0<|im_end|>\n", ChatTemplate.Parse(source).Render(turns), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n{% include 'x' %}", 2, "'include'")]
    [InlineData("\n\n{{ x | urlize }}", 3, "'urlize'")]
    [InlineData("{% break %}", 1, "'break'")]
    [InlineData("{% for i in [1] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", 1, "'break'")]
    [InlineData("{% if x %}\n\n", 1, "'endif'")]
    [InlineData("{% for x in y %}{% endif %}", 1, "'endif'")]
    [InlineData("{% endfor %}", 1, "'endfor'")]
    [InlineData("{{ 'a", 1, "string that never ends")]
    [InlineData("x\n{# a", 2, "comment")]
    [InlineData("{{ a", 1, "never ends")]
    [InlineData("{{ }}", 1, "expected a value")]
    [InlineData("{{ a b }}", 1, "'b'")]
    [InlineData("{{ (1] }}", 1, "']'")]
    [InlineData("{{ a[] }}", 1, "index")]
    [InlineData("{{ a[1:2:3:4] }}", 1, "third")]
    [InlineData("{{ § }}", 1, "'§'")]
    [InlineData("{{ '\\N{DASH}' }}", 1, "\\N")]
    [InlineData("{{ f(a=1, a=2) }}", 1, "twice")]
    [InlineData("{% macro m(a=1, b) %}{% endmacro %}", 1, "'b'")]
    public void What_is_not_supported_is_named_with_its_line(string source, int line, string named)
    {
        ChatTemplateException refused = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(line, refused.Line);
    }

    [Theory]
    [InlineData("a\n{{ raise_exception('roles must alternate') }}", 2, "roles must alternate")]
    [InlineData("{{ messages[1].role }}", 1, "undefined")]
    [InlineData("{{ nothing.role }}", 1, "'nothing' is undefined")]
    [InlineData("\n{{ 'a'.encode() }}", 2, "'encode' of a string is not supported")]
    [InlineData("{{ {}.update({}) }}", 1, "'update'")]
    [InlineData("{{ 'a' + 1 }}", 1, "'+'")]
    [InlineData("{{ nothing + 'a' }}", 1, "undefined")]
    [InlineData("{{ 1 / 0 }}", 1, "zero")]
    [InlineData("{{ 1 < 'a' }}", 1, "order")]
    [InlineData("{{ 1 in 2 }}", 1, "look for")]
    [InlineData("{% for x in 3 %}{% endfor %}", 1, "go through")]
    [InlineData("{% for a, b in [[1]] %}{% endfor %}", 1, "2 names")]
    [InlineData("{% set x = {} %}{% set x.y = 1 %}", 1, "namespace")]
    [InlineData("{{ 'a' | trim(1) }}", 1, "string")]
    [InlineData("{{ 'a' | upper(1) }}", 1, "arguments")]
    [InlineData("{{ 'a'.split('') }}", 1, "separator")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 1, "arguments")]
    [InlineData("{{ 'abc'[::0] }}", 1, "step")]
    [InlineData("{{ namespace | tojson }}", 1, "function")]
    public void What_goes_wrong_while_it_runs_is_named_with_its_line(string source, int line, string named)
    {
        ChatTemplateException refused = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Messages));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(line, refused.Line);
    }

    [Fact]
    public void Arguments_that_are_no_JSON_are_named()
    {
        ChatMessage broken = new("assistant", "", [new ChatToolCall("add", "{a: 1}")]);
        Assert.Contains("'add'", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("x").Render([broken])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ChatTemplateException>(
            () => ChatTemplate.Parse("x").Render([new("assistant", "", [new ChatToolCall("add", new string('[', 100_000))])]));
        Assert.Throws<ChatTemplateException>(
            () => ChatTemplate.Parse("x").Render([new("assistant", "", [new ChatToolCall("add", new string('1', 100_000))])]));
        Assert.Throws<ChatTemplateException>(
            () => ChatTemplate.Parse("x").Render([new("assistant", "", [new ChatToolCall("add", "\"\\ud800\"")])]));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
