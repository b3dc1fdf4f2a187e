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
    [InlineData("{{ 'abc' * 9223372036854775807 }}", "64 bits")]
    [InlineData("{{ 'a' * 1000000000 }}", "characters")]
    [InlineData("{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', 'aaaa') %}{% endfor %}", "template")]
    [InlineData("{% set ns = namespace(s=[1,2]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(s=[1,2]) %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | tojson }}", "template")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(1000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s == [ns.s] }}{{ ns.s | tojson }}", "deep")]
    [InlineData("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}", "deep")]
    [InlineData("{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ 'b' in s }}{% endfor %}", "characters")]
    [InlineData("{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s == s ~ '' }}{% endfor %}", "characters")]
    [InlineData("{% set s = '🦙' * 1000000 %}{% for i in range(100000) %}{{ s[999999] }}{% endfor %}", "characters")]
    [InlineData("{{ [1, 2] | tojson(indent=1000000000) }}", "indent")]
    public void What_costs_too_much_is_refused(string source, string named)
    {
        ChatTemplate template = ChatTemplate.Parse(source);
        DateTime start = DateTime.UtcNow;
        ChatTemplateException refused = Assert.Throws<ChatTemplateException>(() => template.Render(Messages));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, refused.Line);
        Assert.InRange((DateTime.UtcNow - start).TotalSeconds, 0, 30); // measured: under 1
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
        Assert.Contains(named, Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Messages)).Message, StringComparison.Ordinal);

    [Fact]
    public void Long_and_broad_but_plain_templates_run()
    {
        Assert.Equal(Repeat("x1", 10_000), ChatTemplate.Parse(Repeat("x{{ 1 }}", 10_000)).Render(Messages));
        string chain = "{{ '1' " + Repeat("~ '1' ", 10_000) + "and (1" + Repeat(" or 1", 10_000) + ") }}";
        Assert.Equal("1", ChatTemplate.Parse(chain).Render(Messages));
        Assert.Equal(Repeat("ab", 8_000_000).Length, ChatTemplate.Parse("{{ messages[0].content }}").Render([new("user", Repeat("ab", 8_000_000))]).Length);
    }

    [Fact]
    public void A_conversation_of_ten_thousand_turns_runs()
    {
        List<ChatMessage> turns = [.. Enumerable.Range(0, 10_000).Select(i => new ChatMessage(i % 2 == 0 ? "user" : "assistant", $"turn {i}"))];
        string source = System.IO.File.ReadAllText(Fixture.File("templates/demo.jinja"));
        Assert.StartsWith("<|im_start|>user\nturn 0<|im_end|>\n", ChatTemplate.Parse(source).Render(turns), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n{% include 'x' %}", 2, "'include'")]
    [InlineData("{% raw %}{{ x }}{% endraw %}", 1, "'raw'")]
    [InlineData("{% call m() %}{% endcall %}", 1, "'call'")]
    [InlineData("{% filter upper %}{% endfilter %}", 1, "'filter'")]
    [InlineData("{% with a = 1 %}{% endwith %}", 1, "'with'")]
    [InlineData("{% generation %}{% endgeneration %}", 1, "'generation'")]
    [InlineData("\n\n{{ x | urlize }}", 3, "'urlize'")]
    [InlineData("\n{{ x is callable }}", 2, "'callable'")]
    [InlineData("{{ 2 ** 3 }}", 1, "'**'")]
    [InlineData("{{ f(*a) }}", 1, "'*'")]
    [InlineData("{% for x in y recursive %}{% endfor %}", 1, "recursive")]
    [InlineData("{% break %}", 1, "'break'")]
    [InlineData("{% for i in [1] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", 1, "'break'")]
    [InlineData("{% set x | upper %}{% endset %}", 1, "filters on a set block")]
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
    [InlineData("{{ 99999999999999999999 }}", 1, "64 bits")]
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
    [InlineData("{{ strftime_now('%d') }}", 1, "'strftime_now' is not supported")]
    [InlineData("\n{{ 'a'.title() }}", 2, "'title' is not supported")]
    [InlineData("{{ {}.update({}) }}", 1, "'update'")]
    [InlineData("{{ messages }}", 1, "tojson")]
    [InlineData("{{ 'a' + 1 }}", 1, "'+'")]
    [InlineData("{{ nothing + 'a' }}", 1, "undefined")]
    [InlineData("{{ 1 / 0 }}", 1, "zero")]
    [InlineData("{{ 9223372036854775807 + 1 }}", 1, "64 bits")]
    [InlineData("{{ 1 < 'a' }}", 1, "order")]
    [InlineData("{{ 1 in 2 }}", 1, "look for")]
    [InlineData("{% for x in 3 %}{% endfor %}", 1, "go through")]
    [InlineData("{% for a, b in [[1]] %}{% endfor %}", 1, "2 names")]
    [InlineData("{% set x = {} %}{% set x.y = 1 %}", 1, "namespace")]
    [InlineData("{{ 'a' | trim(1) }}", 1, "string")]
    [InlineData("{{ 'a' | upper(1) }}", 1, "arguments")]
    [InlineData("{{ 'a'.split('') }}", 1, "separator")]
    [InlineData("{{ 'a' | tojson(sort_keys=true) }}", 1, "'sort_keys'")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 1, "arguments")]
    [InlineData("{{ 'abc'[::0] }}", 1, "step")]
    [InlineData("{{ namespace | tojson }}", 1, "function")]
    [InlineData("{% for i in [1] %}{{ loop.cycle('a') }}{% endfor %}", 1, "'loop.cycle'")]
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
        Assert.Contains("'add'", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("x").Render([broken])).Message, StringComparison.Ordinal);
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("x").Render([new("assistant", "", [new ChatToolCall("add", new string('[', 100_000))])]));
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("x").Render([new("assistant", "", [new ChatToolCall("add", new string('1', 100_000))])]));
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("x").Render([new("assistant", "", [new ChatToolCall("add", "\"\\ud800\"")])]));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
