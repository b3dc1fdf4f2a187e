using System;
using System.Diagnostics;
using System.Linq;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>Pages as browsers read them: their encodings, what is open and never closed, and what is no text of theirs.</summary>
public sealed class HtmlAsWrittenTests
{
    private const string Privet = "\u041F\u0440\u0438\u0432\u0435\u0442";

    [Theory]
    [InlineData("<meta name=description content='we explain charset=koi8-r here'><meta charset=utf-8><p>", 65001)]
    [InlineData("<!-- <meta charset=koi8-r> --><meta charset=utf-8><p>", 65001)]
    [InlineData("<meta content='text/html; charset=koi8-r'><p>", 65001)]
    [InlineData("<meta http-equiv=refresh content='0; charset=koi8-r'><p>", 65001)]
    [InlineData("<meta http-equiv=Content-Type content='text/html; CharSet = \"koi8-r\"'><p>", 20866)]
    [InlineData("<META CONTENT='text/html;charset=windows-1251' HTTP-EQUIV='Content-Type'><p>", 1251)]
    [InlineData("<meta charset=none><p>", 65001)]
    [InlineData("<meta charset=none><meta charset=x-cp1251><p>", 1251)]
    [InlineData("<meta charset=utf-16><p>", 65001)]
    [InlineData("<?xml version='1.0' encoding='windows-1251'?><html><p>", 1251)]
    [InlineData("<title><meta charset=koi8-r></title><meta charset=utf-8><p>", 65001)]
    [InlineData("<script>'<meta charset=koi8-r>'</script><meta charset=utf-8><p>", 65001)]
    public void The_declaration_is_found_where_browsers_find_it(string start, int page)
    {
        Document document = Files.Read("a.html", [.. Encoding.ASCII.GetBytes(start), .. Of(page).GetBytes(Privet)]);
        Assert.Equal(Privet, Files.TextOf(document));
        Assert.Empty(document.Notes);
    }

    [Theory]
    [InlineData(65001)]
    [InlineData(1251)]
    public void A_declaration_further_on_decides_too(int page)
    {
        string label = page == 65001 ? "utf-8" : "windows-1251";
        byte[] bytes =
        [
            .. Encoding.ASCII.GetBytes($"<html><head><!--{new string('x', 1500)}--><meta charset='{label}'></head><p>"),
            .. Of(page).GetBytes(Privet),
        ];
        Assert.Equal(Privet, Files.TextOf(Files.Read("a.html", bytes)));
    }

    [Theory]
    [InlineData("latin1", 0x93, '\u201C')]
    [InlineData("iso_8859-1:1987", 0x80, '\u20AC')]
    [InlineData("ascii", 0xE9, '\u00E9')]
    [InlineData("l5", 0xFE, '\u015F')]
    [InlineData("x-user-defined", 0xE9, '\u00E9')]
    [InlineData("l9", 0xA4, '\u20AC')]
    public void Labels_mean_what_they_mean_in_browsers(string label, byte letter, char expected) =>
        Assert.Equal($"a{expected}b", Files.TextOf(
            Files.Read("a.html", [.. Encoding.ASCII.GetBytes($"<meta charset='{label}'><p>a"), letter, .. "b"u8])));

    [Theory]
    [InlineData("gb2312", 54936, "\u4E2D\u6587")]
    [InlineData("x-sjis", 932, "\u65E5\u672C\u8A9E")]
    [InlineData("ks_c_5601-1987", 949, "\uD55C\uAD6D\uC5B4")]
    [InlineData("big5-hkscs", 950, "\u4E2D\u6587")]
    [InlineData("x-euc-jp", 51932, "\u65E5\u672C\u8A9E")]
    public void Labels_of_East_Asia_are_known(string label, int page, string text) =>
        Assert.Equal(text, Files.TextOf(
            Files.Read("a.html", [.. Encoding.ASCII.GetBytes($"<meta charset={label}><p>"), .. Of(page).GetBytes(text)])));

    [Fact]
    public void Without_a_declaration_the_bytes_decide_and_that_is_said()
    {
        const string Page = "<html><body><p>wide text \u00E4\u00F6</p></body></html>";
        foreach (Encoding wide in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            Document document = Files.Read("a.html", wide.GetBytes(Page));
            Assert.Equal("wide text \u00E4\u00F6", Files.TextOf(document));
            Assert.Contains("UTF-16", Assert.Single(document.Notes), StringComparison.Ordinal);
        }
        Document guessed = Files.Read(
            "a.html", [.. "<p>"u8, .. Of(1251).GetBytes("\u042D\u0442\u043E \u0440\u0443\u0441\u0441\u043A\u0438\u0439 "
                + "\u0442\u0435\u043A\u0441\u0442 \u0434\u043B\u044F \u043F\u0440\u043E\u0432\u0435\u0440\u043A\u0438.")]);
        Assert.StartsWith("\u042D\u0442\u043E \u0440\u0443\u0441\u0441\u043A\u0438\u0439", Files.TextOf(guessed), StringComparison.Ordinal);
        Assert.Contains("windows-1251", Assert.Single(guessed.Notes), StringComparison.Ordinal);
        Assert.Empty(Files.Read("a.html", "<p>\u00E4\u00F6").Notes);
    }

    [Theory]
    [InlineData("<p>&#150; &#x80; &#0; &#xD800; &#x110000; &amp;lt; &notin; &notit; &copy2 &eacute &AMP &unknown;",
        "\u2013 \u20AC \uFFFD \uFFFD \uFFFD &lt; \u2209 \u00ACit; \u00A92 \u00E9 & &unknown;")]
    [InlineData("<img alt='a&copy=1&amp;b &eacute;'>", "[Image: a&copy=1&b \u00E9]")]
    [InlineData("a < b, a <3 b, a<=b </ p>", "a < b, a <3 b, a<=b")]
    [InlineData("<p>a<!-- > --!>b<!-->c<!--->d", "abcd")]
    [InlineData("<p>a<? x > b <!x > c </>d", "a b c d")]
    [InlineData("<b><p>a</b>b</p>c</b>d", "ab\n\ncd")]
    [InlineData("<p><b>a<p>b</b>c", "a\n\nbc")]
    [InlineData("<table><tr><td>a<td>b<tr><td>c<td></table>", "a | b\nc |")]
    [InlineData("<table><thead><th>a<th>b<tbody><tr><td>1<td><td>3</table>", "a | b\n1 | | 3")]
    [InlineData("<table><tr><td><p>a</td><td><ul><li>x<li>y</ul></td></tr></table>z", "a | - x - y\n\nz")]
    [InlineData("<table><tr><td><pre>1\n2</pre><td><pre>a\n  b</pre></table>", "1\n2\n\na\n  b")]
    [InlineData("<svg><title>no</title><text>no</text><p>yes", "yes")]
    [InlineData("<svg><foreignObject><p>no</p></foreignObject></svg>yes", "yes")]
    [InlineData("<select><option>no<option>no</select>yes", "yes")]
    [InlineData("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c")]
    [InlineData("<ol><li value=4>a<li>b</ol>", "4. a\n5. b")]
    [InlineData("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd")]
    [InlineData("<pre>a\n<b>  b</b><br>c</pre>", "a\n  b\nc")]
    [InlineData("<textarea>no</p></textarea><xmp>a <b></xmp>", "a <b>")]
    [InlineData("<p>a<wbr>b c&shy;d e&#xFEFF;f", "ab cd ef")]
    [InlineData("<h1>a<h2>b</h1>c", "# a\n\n## b\n\nc")]
    [InlineData("<p style='display: none'>no</p><p STYLE='color:red;visibility:hidden'>no</p>yes", "yes")]
    [InlineData("<noscript><p>a</p></noscript><template>no</template>b", "a\n\nb")]
    public void Tag_soup_is_read_as_it_shows(string body, string expected) =>
        Assert.Equal(expected, Files.TextOf(Files.Read("a.html", $"<title>t</title>{body}")));

    [Fact]
    public void The_furniture_of_a_page_is_left_out_and_counted()
    {
        Document page = Files.Read("a.html", "<header>1234 <a>567</a></header><nav>12</nav><div class='cookie-banner'>123</div><div "
            + "id=onetrust-sdk>4</div><article><header><h1>Title</h1></header><aside>note</aside>text"
            + "<footer>end</footer></article><aside>12345</aside><div role=contentinfo>1</div><footer>(c) 2026</footer>");
        Assert.Equal("# Title\n\nnote\n\ntext\n\nend", Files.TextOf(page));
        Assert.Equal("left out 27 characters that the page marks as navigation (2), the page's header, footer and asides (21), "
            + "a notice about cookies (4)", Assert.Single(page.Notes));
    }

    [Fact]
    public void Footnotes_that_are_asides_and_a_main_part_by_its_role_are_text() =>
        Assert.Equal("text\n\none\n\ntwo", Files.TextOf(Files.Read(
            "a.html", "<aside>no</aside><div role=main>text<aside><p>one</aside></div><aside class='footnote-list brackets'>two</aside>")));

    [Fact]
    public void A_title_in_the_header_stays_and_so_does_a_page_that_is_all_furniture()
    {
        Assert.Equal("# Title\n\nby me\n\ntext", Files.TextOf(
            Files.Read("a.html", "<header><h1>Title</h1>by me</header><main>text</main><footer>f</footer>")));
        Assert.Equal("by me\n\ntext", Files.TextOf(Files.Read("a.html", "<header>by me</header><p>text")));
        Document all = Files.Read("a.html", "<nav><p>all</p></nav>");
        Assert.Equal("all", Files.TextOf(all));
        Assert.Contains("read all the same", Assert.Single(all.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<p><b id=N>", 9_990, "<p>x", 20_000)]
    [InlineData("<font id=N><div>", 4_900, "</font>", 20_000)]
    [InlineData("<table><tr><td>", 30_000, "</div></p></b>", 100_000)]
    [InlineData("<b>", 100_000, "</i></p>", 100_000)]
    [InlineData("<ul><li>", 100_000, "<p></li>", 100_000)]
    [InlineData("<svg>", 200_000, "<p>x</svg>", 50_000)]
    [InlineData("<h1>", 200_000, "<a href=x>", 100_000)]
    [InlineData("<a ", 1, "a=1 ", 500_000)]
    [InlineData("<!--", 200_000, "--", 200_000)]
    [InlineData("<", 500_000, "&amp", 100_000)]
    [InlineData("<div hidden>", 100_000, "<table><td>x", 100_000)]
    public void Time_and_memory_grow_with_the_length_alone(string opening, int times, string then, int thenTimes)
    {
        string page =
            "<body>begin" + string.Concat(Enumerable.Range(0, times).Select(i => opening.Replace("N", $"{i}", StringComparison.Ordinal)))
            + string.Concat(Enumerable.Repeat(then, thenTimes));
        long before = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
        Assert.StartsWith("begin", Files.TextOf(Files.Read("a.html", page)), StringComparison.Ordinal);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(seconds < 10 && allocated < 100L * page.Length, $"{seconds} s, {allocated} bytes for {page.Length} letters");
    }

    private static Encoding Of(int page) => page == 65001 ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(page)!;
}
