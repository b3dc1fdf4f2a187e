using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>Word files, notebooks, and what gzip packs.</summary>
public sealed class OtherKindsTests
{
    private const string Numbering = "<w:numbering><w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt "
        + "w:val='decimal'/></w:lvl><w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/></w:lvl></w:abstractNum>"
        + "<w:abstractNum w:abstractNumId='8'><w:lvl w:ilvl='0'><w:numFmt w:val='bullet'/></w:lvl></w:abstractNum><w:num "
        + "w:numId='1'><w:abstractNumId w:val='7'/></w:num><w:num w:numId='2'><w:abstractNumId w:val='8'/></w:num></w:numbering>";

    [Theory]
    [InlineData("<w:p><w:r><w:t>One </w:t></w:r><w:r><w:t xml:space='preserve'>line</w:t><w:tab/><w:t>x</w:t><w:br/><w:t>y &amp; "
        + "z</w:t></w:r></w:p><w:p/><w:p><w:r><w:t>Two</w:t></w:r></w:p>", "One line\tx\ny & z\n\nTwo")]
    [InlineData("<w:p><w:pPr><w:pStyle w:val='H'/></w:pPr><w:r><w:t>Part</w:t></w:r></w:p><w:p><w:pPr><w:outlineLvl "
        + "w:val='2'/></w:pPr><w:r><w:t>Sub</w:t></w:r></w:p>", "## Part\n\n### Sub")]
    [InlineData("<w:p><w:pPr><w:numPr><w:ilvl "
        + "w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:p><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId "
        + "w:val='1'/></w:numPr></w:pPr><w:r><w:t>b</w:t></w:r></w:p>"
        + "<w:p><w:pPr><w:pStyle w:val='L'/></w:pPr><w:r><w:t>c</w:t></w:r></w:p><w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId "
        + "w:val='2'/></w:numPr></w:pPr><w:r><w:t>d</w:t></w:r></w:p>", "1. a\n  a. b\n2. c\n- d")]
    [InlineData(
        "<w:p><w:r><w:t>t:</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>"
            + "<w:tc><w:p/></w:tc><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/></w:tc></w:tr>"
            + "<w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:r><w:t>end</w:t></w:r></w:p>",
        "t:\n\na b | | c\n1\n\nend")]
    [InlineData(
        "<w:p><w:r><w:t>a</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>box</w:t>"
            + "</w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice>"
            + "<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>"
            + "</mc:AlternateContent></w:r><w:r><w:t>b</w:t></w:r></w:p>",
        "ab\n\nbox")]
    [InlineData("<w:p><w:r><w:t>a</w:t></w:r><w:r><w:footnoteReference "
        + "w:id='2'/></w:r><w:r><w:instrText>PAGE</w:instrText><w:t>1</w:t><w:noBreakHyphen/><w:softHyphen/><w:t>b</w:t></w:r></w:p>",
        "a[^2]1-b\n\n[^2]: the note")]
    [InlineData("<w:p><w:r><w:drawing><wp:docPr descr='A map'/><a:blip/></w:drawing><w:sym w:font='Arial' w:char='00E9'/></w:r></w:p>",
        "[Image: A map]\u00E9")]
    [InlineData(
        "<w:p><m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath></w:p>", "1/2")]
    public void Word_files_are_read_as_they_print(string body, string expected)
    {
        Document document = Files.Read("a.docx", Word(body));
        Assert.Equal((DocumentKind.Word, "Lease", "J. Doe"), (document.Kind, document.Title, document.Author));
        Assert.Equal(expected, Files.TextOf(document));
        Assert.Empty(document.Notes);
    }

    [Fact]
    public void Deletions_comments_hidden_text_heads_and_pictures_of_a_Word_file_are_noted()
    {
        Document document = Files.Read("a.docx", Word(
            "<w:p><w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r>"
                + "<w:delText>old!</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>from</w:t></w:r></w:moveFrom>"
                + "<w:moveTo><w:r><w:t> to</w:t></w:r></w:moveTo>"
            + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r><w:r><w:t>.</w:t><w:drawing><a:blip/></w:drawing></w:r><w:pPr>"
            + "<w:pPrChange><w:pPr><w:pStyle w:val='H'/></w:pPr></w:pPrChange></w:pPr></w:p>",
            ("word/comments.xml", "<w:comments><w:comment><w:p><w:r><w:t>hm</w:t></w:r></w:p></w:comment></w:comments>"),
            ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>Head</w:t></w:r></w:p></w:hdr>"), ("word/footer1.xml", "<w:ftr><w:p/></w:ftr>")));
        Assert.Equal("new to.", Files.TextOf(document));
        string[] expected = ["8 characters deleted", "6 characters formatted as hidden", "1 picture", "1 comment", "1 header or footer"];
        Assert.Equal(expected.Length, document.Notes.Count);
        Assert.All(expected.Zip(document.Notes), static pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void A_Word_file_is_found_by_its_relations_whatever_it_is_called()
    {
        byte[] bytes = Files.Zip(
            ("[Content_Types].xml", "<Types><Override PartName='/doc/main.xml' "
                + "ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>"),
            ("_rels/.rels", "<Relationships><Relationship Type='http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument' "
                + "Target='doc/main.xml'/></Relationships>"),
            ("doc/main.xml", "<document><body><p><r><t>strict</t></r></p></body></document>"));
        Assert.Equal("strict", Files.TextOf(Files.Read("report", bytes)));
        Assert.Contains("old Office", Assert.Throws<DocumentException>(
            () => Files.Read("a.doc", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Notebooks_are_read_cell_by_cell()
    {
        const string Json = """
            {"nbformat":4,"metadata":{"language_info":{"name":"python"}},"cells":[
             {"cell_type":"markdown","source":["# Title\n","prose"]},
             {"cell_type":"code","source":"print(1)","outputs":[{"output_type":"stream","text":["1\n"]},
               {"output_type":"display_data","data":{"image/png":"iVBOR","text/plain":"<Figure>"}},
               {"output_type":"execute_result","data":{"text/html":"<b>","text/plain":["a","b"]}},
               {"output_type":"display_data","data":{"application/json":{}}},
               {"output_type":"error","ename":"E","evalue":"v","traceback":["\u001b[0;31mE\u001b[0m: v"]}]},
             {"cell_type":"code","source":"s = '```'","outputs":[]},
             {"cell_type":"raw","source":""}]}
            """;
        Document document = Files.Read("a.ipynb", Json);
        Assert.Equal(DocumentKind.Notebook, document.Kind);
        Assert.Equal(
            "# Title\nprose\n\n```python\nprint(1)\n```\n\n```\n1\n```\n\n```\nab\n```\n\n```\nE: v\n```\n\n````python\ns = '```'\n````",
            Files.TextOf(document));
        Assert.Equal(["left out 1 picture among the outputs and attachments", "left out 1 output without a form as text"], document.Notes);
        Assert.Equal(DocumentKind.Text, Files.Read("a.ipynb", "{ broken").Kind);
        Assert.Equal(DocumentKind.Text, Files.Read("a.json", Json).Kind);
    }

    [Fact]
    public void What_gzip_packs_is_read_as_what_it_is_within_bounds()
    {
        Assert.Equal((DocumentKind.Text, "x", "a.txt.gz"), KindOf("a.txt.gz", Packed("x"u8.ToArray())));
        Assert.Equal((DocumentKind.Html, "x", "a.html.gz"), KindOf("a.html.gz", Packed("<p>x"u8.ToArray())));
        Assert.Equal((DocumentKind.Word, "x", "a.docx.gz"), KindOf("a.docx.gz", Packed(Word("<w:p><w:r><w:t>x</w:t></w:r></w:p>"))));
        Refused(Packed(Packed("x"u8.ToArray())), "another .gz");
        Refused(Packed(new byte[20 << 20]), "at most 16,777,216 bytes");
        Refused([0x1F, 0x8B, 8, 0, 1, 2, 3], "whole .gz");
        byte[] whole = Packed(Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 5000))));
        Refused(whole[..(whole.Length / 2)], "whole .gz");
        Assert.EndsWith("4999x", Files.TextOf(Files.Read("a.gz", [.. whole, .. Packed("x"u8.ToArray())])), StringComparison.Ordinal);
        byte[] tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused(Packed(tar), "tar archive");

        static (DocumentKind Kind, string Text, string Name) KindOf(string name, byte[] bytes)
        {
            Document document = Files.Read(name, bytes);
            return (document.Kind, Files.TextOf(document), document.Name);
        }
    }

    [Theory]
    [InlineData("""{"nbformat":4,"cells":[{"cell_type":"markdown","source":"a\ud83d"}]}""")]
    [InlineData("""{"nbformat":4,"cells":[{"cell_type":"code","source":["\udc00a"],"outputs":[]}]}""")]
    public void A_notebook_with_half_a_character_is_one_sentence(string text) =>
        Assert.Contains("a.ipynb: expected texts of whole characters, found half of one",
            Assert.Throws<DocumentException>(() => Files.Read("a.ipynb", text)).Message, StringComparison.Ordinal);

    private static void Refused(byte[] bytes, string mention) =>
        Assert.Contains(mention, Assert.Throws<DocumentException>(() => Files.Read("a.gz", bytes)).Message, StringComparison.Ordinal);

    private static byte[] Packed(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Word(string body, params (string Path, string Text)[] more) => Files.Zip(
    [
        ("word/document.xml", $"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><w:document "
            + $"xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>{body}<w:sectPr/></w:body></w:document>"),
        ("word/styles.xml", "<w:styles><w:style w:type='paragraph' w:styleId='B'><w:name w:val='heading "
            + "2'/></w:style><w:style w:styleId='H'><w:basedOn w:val='B'/></w:style><w:style w:styleId='L'><w:pPr><w:numPr><w:numId "
            + "w:val='1'/></w:numPr></w:pPr></w:style></w:styles>"),
        ("word/numbering.xml", Numbering),
        .. body.Contains("footnoteReference", StringComparison.Ordinal)
            ? new (string,
                string)[] { ("word/footnotes.xml", "<w:footnotes><w:footnote w:type='separator' w:id='-1'><w:p/></w:footnote><w:footnote "
                    + "w:id='2'><w:p><w:r><w:footnoteRef/><w:t>the note</w:t></w:r></w:p></w:footnote></w:footnotes>") }
            : [],
        ("docProps/core.xml", "<cp:coreProperties><dc:title>Lease</dc:title><dc:creator>J. Doe</dc:creator></cp:coreProperties>"),
        .. more,
    ]);
}
