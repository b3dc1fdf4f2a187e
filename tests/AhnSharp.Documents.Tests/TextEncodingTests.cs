using System;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>Texts in the encodings that people have, without a word about which; and letters in the form that models learned.</summary>
public sealed class TextEncodingTests
{
    public static TheoryData<int, string, string> Texts => new()
    {
        { 54936, "GB18030",
            "\u4F60\u597D\uFF0C\u4E16\u754C\u3002\u8FD9\u662F\u4E00\u4E2A\u7528\u6765\u6D4B\u8BD5\u7F16\u7801\u7684\u6587\u672C\u3002" },
        { 54936, "GB18030", "\u4F60\u597D" },
        { 950,
            "Big5",
            "\u4F60\u597D\uFF0C\u4E16\u754C\u3002\u9019\u662F\u4E00\u500B\u7528\u4F86\u6E2C\u8A66\u7DE8\u78BC\u7684\u6587\u672C\uFF0C"
                + "\u5979\u8AAA\u904E\u6211\u5011\u90FD\u6703\u4F86\u3002" },
        { 932,
            "Shift_JIS",
            "\u3053\u3093\u306B\u3061\u306F\u3001\u4E16\u754C\u3002\u3053\u308C\u306F\u6587\u5B57\u30B3\u30FC\u30C9\u306E\u8A66\u9A13"
                + "\u3067\u3059\u3002" },
        { 51932,
            "EUC-JP",
            "\u3053\u3093\u306B\u3061\u306F\u3001\u4E16\u754C\u3002\u3053\u308C\u306F\u6587\u5B57\u30B3\u30FC\u30C9\u306E\u8A66\u9A13"
                + "\u3067\u3059\u3002" },
        { 50220, "ISO-2022-JP", "\u3053\u3093\u306B\u3061\u306F ASCII \u4E16\u754C" },
        { 949, "EUC-KR", "\uC548\uB155\uD558\uC138\uC694, \uC138\uACC4. "
            + "\uC774\uAC83\uC740 \uBB38\uC790 \uCF54\uB4DC\uB97C \uC2DC\uD5D8\uD558\uB294 \uAE00\uC785\uB2C8\uB2E4." },
        { 1251, "windows-1251", "\u042D\u0442\u043E \u0442\u0435\u043A\u0441\u0442 \u043D\u0430 \u0440\u0443\u0441\u0441\u043A\u043E\u043C "
            + "\u044F\u0437\u044B\u043A\u0435, \u041C\u043E\u0441\u043A\u0432\u0430." },
        { 20866, "koi8-r", "\u042D\u0442\u043E \u0442\u0435\u043A\u0441\u0442 \u043D\u0430 \u0440\u0443\u0441\u0441\u043A\u043E\u043C "
            + "\u044F\u0437\u044B\u043A\u0435, \u041C\u043E\u0441\u043A\u0432\u0430." },
        { 1252, "windows-1252", "Die Gr\u00F6\u00DFe der T\u00FCr \u2013 \u201Enaja\u201C, das k\u00F6nnte M\u00FCller wissen, 5 \u20AC." },
        { 1252, "windows-1252", "Le caf\u00E9 est d\u00E9j\u00E0 ferm\u00E9, l\u2019\u00E9t\u00E9 fran\u00E7ais." },
        { 1252, "windows-1252", "It\u2019s plain English, mostly." },
        { 1250, "windows-1250", "Za\u017C\u00F3\u0142\u0107 g\u0119\u015Bl\u0105 ja\u017A\u0144, \u017Ce\u0142bym m\u00F3g\u0142 "
            + "p\u00F3j\u015B\u0107 \u015Bciesz\u0105c si\u0119." },
        { 1200, "UTF-16 (little-endian)", "wide text, plain\nand simple" },
        { 1201, "UTF-16 (big-endian)", "wide text, plain\nand simple" },
        { 1200, "UTF-16 (little-endian)", "\u4F60\u597D \u4E16\u754C\n\u8FD9\u662F\u6587\u672C" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void The_encoding_that_fits_is_read_and_named(int page, string name, string text)
    {
        Encoding encoding = page is 1200 or 1201 ? Encoding.GetEncoding(page) : CodePagesEncodingProvider.Instance.GetEncoding(page)!;
        Document document = Files.Read("a.txt", encoding.GetBytes(text));
        Assert.Equal((text, true), (Files.TextOf(document), document.Notes.Count == 1));
        Assert.Contains($"read as {name}", document.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_in_another_encoding_is_read_whole()
    {
        string text = new StringBuilder().Insert(0, "Die Gr\u00F6\u00DFe der T\u00FCr, sagte M\u00FCller.\n", 20_000).ToString().TrimEnd();
        Assert.Equal(text, Files.TextOf(Files.Read("a.txt", CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(text))));
    }

    [Fact]
    public void One_wrong_byte_is_named_with_its_place()
    {
        byte[] ascii = [.. Encoding.ASCII.GetBytes(new StringBuilder().Insert(0, "good text ", 1000).ToString()), 0xFF, .. " more"u8];
        Refused(ascii, "the byte 0xFF at 10,000 (line 1)", "UTF-8");
        byte[] utf8 = [.. Encoding.UTF8.GetBytes("Gr\u00F6\u00DFe\nT\u00FCr \u00FCber \u00E4rger \u00F6l\n"), 0xC3, .. "x"u8];
        Refused(utf8, "the byte 0xC3 at 30 (line 3)", "the rest is");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_none_in_any_encoding()
    {
        Random random = new(11);
        int read = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] noise = new byte[random.Next(200, 2000)];
            random.NextBytes(noise);
            if (i % 3 != 0) noise = Array.FindAll(noise, static b => b is not 0);
            if (i % 3 == 2) noise = Array.FindAll(noise, static b => b >= 0x20);
            try
            {
                Files.Read("a.txt", noise);
                read++;
            }
            catch (DocumentException)
            {
            }
        }
        Assert.Equal(0, read);
    }

    [Theory]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("W\u006F\u0308rter", "W\u00F6rter")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    [InlineData("\uD558\u11AB", "\uD55C")]
    [InlineData("a\u0323\u0302", "\u1EAD")]
    [InlineData("a\u0302\u0323", "\u1EAD")]
    [InlineData("\u00E2\u0323", "\u1EAD")]
    [InlineData("\u212B\u2126", "\u00C5\u03A9")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u304B\u3099", "\u304C")]
    [InlineData("q\u0301\u0307", "q\u0301\u0307")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    [InlineData("\u0301", "\u0301")]
    [InlineData("x\uD800y\u0301", "x\uD800\u00FD")]
    public void Letters_and_their_accents_become_one(string apart, string composed) =>
        Assert.Equal(composed, AhnSharp.Documents.Text.Nfc.Compose(apart));

    [Fact]
    public void Where_letters_were_composed_is_said_and_can_be_left()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("plain\nW\u006F\u0308rter u\u0308ber");
        Document document = Files.Read("a.txt", bytes);
        Assert.Equal("plain\nW\u00F6rter \u00FCber", Files.TextOf(document));
        Assert.Equal(
            "letters and their accents composed in 2 places (Unicode's form C), the first in line 2", Assert.Single(document.Notes));
        Document left = Files.Read("a.txt", bytes, new DocumentLimits { Normalize = false });
        Assert.Equal((Encoding.UTF8.GetString(bytes), 0), (Files.TextOf(left), left.Notes.Count));
    }

    [Fact]
    public void A_million_accents_on_one_letter_cost_what_they_are_long()
    {
        string text = "a" + new StringBuilder().Insert(0, "\u0323\u0302", 500_000);
        Assert.InRange(AhnSharp.Documents.Text.Nfc.Compose(text).Length, 900_000, 1_000_001);
    }

    private static void Refused(byte[] bytes, params string[] mentions)
    {
        string sentence = Assert.Throws<DocumentException>(() => Files.Read("a.txt", bytes)).Message;
        Assert.All(mentions, mention => Assert.Contains(mention, sentence, StringComparison.Ordinal));
    }
}
