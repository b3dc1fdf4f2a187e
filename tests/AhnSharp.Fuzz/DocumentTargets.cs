using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Documents;
using AhnSharp.Documents.Folders;

namespace AhnSharp.Fuzz;

/// <summary>
/// Documents, taken apart in this process: what is tested is what the parsers make of them. A PDF may end the process that reads it, so
/// in the suite it is read as by anybody, in one of its own; pdf-here, by the command, is not.
/// </summary>
internal static class DocumentTargets
{
    private static readonly DocumentLimits s_here =
        new() { Isolation = DocumentIsolation.InProcess, FileBytes = 4 << 20, UnpackedBytes = 1 << 20 };

    private static readonly DocumentLimits s_apart = new() { ReaderMemoryBytes = 250_000_000, ReaderTime = TimeSpan.FromSeconds(4) };

    private static readonly string[] s_pdfWords =
    [
        "/Kids [", "/Parent", "/Length 99999999", "/Type /Page", "/W [0 2147483647 500]", "/Filter /FlateDecode", "BT", "Tj", "1 0 R",
        "obj", "endobj", "stream", "<<", ">>", "/Index [0 2147483647]", "ET", "Tm", "Td", "TJ", "q", "Q", "cm", "Do", "1e30", "-99999999",
    ];

    public static IEnumerable<FuzzTarget> All =>
    [
        new()
        {
            Name = "pdf",
            Extension = ".pdf",
            Seeds = DocumentSeeds.Pdfs,
            Words = s_pdfWords,
            Read = static (bytes, _) => DocumentReader.Read("fuzz.pdf", new MemoryStream(bytes), s_apart),
            IsExpected = static e => e is DocumentException,
            BytesPerByte = 64,
            // Who asks looks at the process fifty times a second, and each look allocates.
            ConstantBytes = 64 << 20,
            MaxTime = TimeSpan.FromSeconds(6),
            InputsInSuite = 10,
        },
        new()
        {
            Name = "pdf-here",
            Extension = ".pdf",
            Seeds = DocumentSeeds.Pdfs,
            Words = s_pdfWords,
            Read = static (bytes, _) => DocumentReader.Read("fuzz.pdf", new MemoryStream(bytes), s_here),
            // Memory and time are those of the library: the process apart bounds them.
            IsExpected = static e => e is DocumentException or OutOfMemoryException,
            BytesPerByte = int.MaxValue,
            MaxTime = TimeSpan.FromSeconds(6),
            InputsInSuite = 0,
        },
        Here("html", DocumentSeeds.Pages, 1500,
        [
            "<b>", "</b>", "<p>", "<table>", "<td>", "</table>", "<svg>", "<math>", "<template>", "<select>", "<!--", "-->", "<script>",
            "</script>", "<font id=1>", "&amp;", "&#x110000;", "<![CDATA[", "charset=utf-16", "charset=gb18030", "<ol start=99999999999>",
            "<div hidden>", "<pre>", "<td rowspan=99999 colspan=99999>", "<plaintext>", "<title>", "&nosuch;", "<br/>",
        ]),
        Here("notebook", static () => [DocumentSeeds.Notebook], 1500, ["\"cells\"", "\"source\":[", "markdown", "raw", "nbformat"],
            ".ipynb", static (random, seeds) => Mutator.Json(random, seeds, ["cells", "source", "markdown", "nbformat"])),
        Here("epub", static () => [DocumentSeeds.Epub()], 800, [], ".epub", static (random, seeds) => Mutator.Zip(random, seeds,
            [
                "<itemref idref=\"c0\"/>", "<!DOCTYPE a [<!ENTITY b \"bbbb\">]>", "&b;", "href=\"../../x\"", "<p>", "</spine>", "utf-16",
                "full-path=\"\"", "media-type=\"application/xhtml+xml\"", "idref=\"toc\"", "hidden=\"\"",
            ])),
        Here("docx", static () => [DocumentSeeds.Word()], 800, [], ".docx", static (random, seeds) => Mutator.Zip(random, seeds,
            [
                "<w:p>", "</w:p>", "<w:tbl>", "<w:tc>", "<w:r>", "<w:t>", "<w:numId w:val='1'/>", "<w:ilvl w:val='999999999'/>",
                "<w:basedOn w:val='H'/>", "<w:footnoteReference w:id='2'/>", "<w:start w:val='2147483647'/>", "<w:gridSpan w:val='99999'/>",
                "<w:numFmt w:val='lowerRoman'/>", "<!DOCTYPE a [<!ENTITY b \"bbbb\">]>", "&b;", "<mc:AlternateContent>",
            ])),
        new()
        {
            Name = "gitignore",
            Extension = ".gitignore",
            Seeds = static () => ["# text\n*.o\n!a.o\n/build/\n**/x/**\n[a-z]?\\*\n[!a-c]/**/d\n"u8.ToArray()],
            Words = ["**/", "/**", "[!a-", "]", "[[:alpha:]]", "\\", "!", "*", "?", "****************", "[]-a]", "\n"],
            Read = static (bytes, _) => Match(Encoding.Latin1.GetString(bytes)),
            // Every line is a pattern or none.
            IsExpected = static _ => false,
            Refuses = false,
            BytesPerByte = 2000,
            InputsInSuite = 4000,
        },
    ];

    private static FuzzTarget Here(string name, Func<IReadOnlyList<byte[]>> seeds, int inputs, string[] words, string? extension = null,
        Func<Random, IReadOnlyList<byte[]>, byte[]>? mutate = null) => new()
        {
            Name = name,
            Extension = extension ?? "." + name,
            Seeds = seeds,
            Words = words,
            Mutate = mutate,
            Read = (bytes, _) => DocumentReader.Read("fuzz" + (extension ?? "." + name), new MemoryStream(bytes), s_here),
            IsExpected = static e => e is DocumentException,
            BytesPerByte = 200,
            // An archive of a few kilobytes may unpack to a megabyte here.
            ConstantBytes = 32 << 20,
            InputsInSuite = inputs,
        };

    private static void Match(string text)
    {
        string[] paths = ["a.o", "x/y/z", "build", new string('a', 40) + "b", "\u00E9/x", "a/b/c/d/e/f/g/h"];
        foreach (GitIgnorePattern pattern in text.Split('\n').Select(GitIgnorePattern.Parse).OfType<GitIgnorePattern>())
        {
            foreach (string path in paths) pattern.Matches(path, isFolder: true);
        }
    }
}
