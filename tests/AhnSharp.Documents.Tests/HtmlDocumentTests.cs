using System;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class HtmlDocumentTests
{
    [Theory]
    [InlineData("<h1>A <b>b</b></h1><p>c\n d</p><p>e<br>f</p>", "# A b\n\nc d\n\ne\nf")]
    [InlineData("<h3>x</h3><h2></h2>y", "### x\n\ny")]
    [InlineData("<ul><li> one<li><p>two</p><ol start=3><li>x<li>y</ol></ul>z", "- one\n- two\n\n  3. x\n  4. y\n\nz")]
    [InlineData("<ul><li><li><div>b</div><li></ul>z", "- \n- b\n- \n\nz")]
    [InlineData("<table role=presentation><tr><td>a<td>b</table>", "a b")]
    [InlineData("<table><caption>T</caption><tr><th>a<th>b</tr><tr><td>1<td><p>2</p><p>3</p></table>", "T\na | b\n1 | 2 3")]
    [InlineData("<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", "a | b\n\nc")]
    [InlineData("<pre>\n  if (a)\n\n    b;\n</pre>after", "  if (a)\n\n    b;\n\nafter")]
    [InlineData("<p>See <a href='x'>the link</a>, <q>so</q>.", "See the link, \u201Cso\u201D.")]
    [InlineData("10<sup>6</sup> and 1<sup>st</sup> and x<sup><a href=#1>1</a></sup>", "10^6 and 1st and x1")]
    [InlineData("<p>a&nbsp;b &amp; c &lt;d&gt;</p>", "a b & c <d>")]
    [InlineData("<style>p{}</style><script>var x='<p>no</p>';</script><button>Buy</button><p>yes", "yes")]
    [InlineData("<p>a <img src=x alt='A map'> b<img src=y>", "a [Image: A map] b")]
    [InlineData("<div>a<div>b</div>c</div>", "a\nb\nc")]
    [InlineData("<dl><dt>t<dd>d</dl>", "t\nd")]
    public void Pages_become_what_a_reader_reads(string body, string expected)
    {
        Document document = Files.Read("page.html", $"<!doctype html><title> My\n page </title><body>{body}");
        Assert.Equal(expected, Files.TextOf(document));
        Assert.Equal("My page", document.Title);
        Assert.Empty(document.Notes);
    }

    [Fact]
    public void Navigation_and_hidden_parts_are_left_out_and_counted()
    {
        Document document = Files.Read(
            "page.html", "<nav>12345</nav><div role=navigation>678</div><p hidden>9</p><p aria-hidden=true>0</p><main>text</main>");
        Assert.Equal("text", Files.TextOf(document));
        Assert.Contains("10 characters", Assert.Single(document.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_declared_encoding_is_used_and_its_breaches_are_noted()
    {
        Assert.Equal("caf\u00E9 \u201Cx\u201D", Files.TextOf(
            Files.Read("a.html", [.. "<meta charset=iso-8859-1><p>caf"u8, 0xE9, 0x20, 0x93, (byte)'x', 0x94])));
        Assert.Equal("\u0436", Files.TextOf(
            Files.Read("a.html", [.. "<meta http-equiv=content-type content='text/html; charset=koi8-r'><p>"u8, 0xD6])));
        Document broken = Files.Read("a.html", [.. "<p>a"u8, 0xFF, .. "b \uFFFD"u8]);
        Assert.Equal("a\uFFFDb \uFFFD", Files.TextOf(broken));
        Assert.Contains("2 places", Assert.Single(broken.Notes), StringComparison.Ordinal);
        Assert.Empty(Files.Read("a.html", "<p>\uFFFD").Notes);
        Assert.Equal("x", Files.TextOf(Files.Read("a.html", "<meta charset=klingon>x")));
    }

    [Fact]
    public void Empty_elements_of_XHTML_close_themselves() => Assert.Equal(
        "a\n\nb x > y c",
        Files.TextOf(
            Files.Read(
                "a.xhtml",
                """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><!-- <p/> --></head><body><p>a</p><p/>"""
                    + """<p>b <i title="x>y/>"/>x &gt; y <span/>c</p></body></html>""")));

    [Fact]
    public void Deep_nesting_is_read_and_never_slow_and_never_a_crash()
    {
        foreach (string tag in new[] { "<div>", "<p>", "<b>", "<ul><li>", "<table><tr><td>" })
            Assert.EndsWith("deep", Files.TextOf(Files.Read("a.html", Repeat(tag, 200_000) + "deep")), StringComparison.Ordinal);
        Assert.Throws<DocumentException>(() => Files.Read("a.html", "<body><script>" + Repeat("<", 1_000_000)));
    }

    private static string Repeat(string tag, int times) => new StringBuilder("<body>").Insert(6, tag, times).ToString();
}
