using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;

namespace AhnSharp.Fuzz;

/// <summary>Small valid documents of each kind.</summary>
internal static class DocumentSeeds
{
    public static byte[] Notebook =>
        """
        {"nbformat":4,"nbformat_minor":5,"metadata":{"language_info":{"name":"python"}},"cells":[
        {"cell_type":"markdown","metadata":{},"source":["# T\n","x"]},
        {"cell_type":"code","execution_count":1,"metadata":{},"source":"print(1)","outputs":[
        {"output_type":"stream","name":"stdout","text":["1\n"]},
        {"output_type":"display_data","data":{"text/plain":"y","image/png":"AAAA"},"metadata":{}}]},
        {"cell_type":"raw","metadata":{},"source":"r"}]}
        """u8.ToArray().Where(static value => value != '\n').ToArray();

    public static IReadOnlyList<byte[]> Pages() =>
    [
        Encoding.UTF8.GetBytes("<!doctype html><html><head><meta charset=utf-8><title>T</title></head><body><h1>One</h1><p>Two "
            + "<b>three</b> <a href=x>four</a><ul><li>a<li>b</ul><table><tr><td>1<td>2</table><nav>n</nav></body></html>"),
        Encoding.UTF8.GetBytes("<html><body><main><h2>A</h2><pre>x\n y</pre><ol start=3><li>c<ol><li>d</ol></ol><blockquote>q<p>r"
            + "</blockquote><table><caption>C</caption><tr><th rowspan=2>h<td>i<tr><td>j</table><img alt=k><svg><text>s</text></svg>"
            + "<select><option>o</select><script>if (a < b) c();</script>&eacute;&#233;&#xE9;</main></body></html>"),
    ];

    public static IReadOnlyList<byte[]> Pdfs() =>
    [
        Pdf("/MediaBox [0 0 612 792]", "BT /F1 11 Tf 1 0 0 1 50 700 Tm (A line of text.) Tj 0 -14 Td [(An) -300 (other)] TJ ET\n"
            + "q 0.5 0 0 0.5 0 0 cm BT /F1 9 Tf 1 0 0 1 700 700 Tm (1) Tj ET Q 50 600 m 200 600 l S"),
        Pdf("/MediaBox [0 0 612 792] /Rotate 90", "BT /F1 11 Tf 1 0 0 1 50 700 Tm (First) Tj ET",
            "BT /F1 11 Tf 1 0 0 1 50 700 Tm (Second of the pages) Tj 100 0 Td (a) Tj 100 0 Td (b) Tj ET"),
    ];

    public static byte[] Epub() => Zip(
        ("META-INF/container.xml", """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" """
            + """version="1.0"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>"""
            + "</container>"),
        ("book.opf", """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata """
            + """xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></metadata><manifest><item id="c0" href="a.html" """
            + """media-type="application/xhtml+xml"/><item id="c1" href="b.html" media-type="application/xhtml+xml"/></manifest>"""
            + """<spine><itemref idref="c0"/><itemref idref="c1"/></spine></package>"""),
        ("a.html", """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><h1>One</h1><p>Two</p></body></html>"""),
        ("b.html", """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><p>"""
            + """Three<br/>four</p><table><tr><td>1</td></tr></table></body></html>"""));

    public static byte[] Word() => Zip(
        ("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
        ("word/document.xml", "<?xml version='1.0' encoding='UTF-8'?><w:document "
            + "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:pPr><w:pStyle w:val='H'/></w:pPr>"
            + "<w:r><w:t>Part</w:t></w:r></w:p><w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r>"
            + "<w:t>a</w:t><w:tab/><w:footnoteReference w:id='2'/></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p>"
            + "</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:sectPr/></w:body>"
            + "</w:document>"),
        ("word/styles.xml", "<w:styles><w:style w:type='paragraph' w:styleId='B'><w:name w:val='heading 2'/></w:style><w:style "
            + "w:styleId='H'><w:basedOn w:val='B'/></w:style></w:styles>"),
        ("word/numbering.xml", "<w:numbering><w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt "
            + "w:val='decimal'/></w:lvl></w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num></w:numbering>"),
        ("word/footnotes.xml", "<w:footnotes><w:footnote w:id='2'><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote></w:footnotes>"),
        ("docProps/core.xml", "<cp:coreProperties><dc:title>Lease</dc:title><dc:creator>J. Doe</dc:creator></cp:coreProperties>"));

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string path, string text) in files)
            {
                ZipArchiveEntry entry = archive.CreateEntry(path);
                // The same bytes for the same seed.
                entry.LastWriteTime = Mutator.ArchiveTime;
                using Stream stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }

    // Plain streams and a table of objects, so that a changed byte is a changed word.
    private static byte[] Pdf(string more, params string[] contents)
    {
        List<string> objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"];
        List<string> kids = [];
        foreach (string content in contents)
        {
            int page = objects.Count + 1;
            kids.Add($"{page} 0 R");
            objects.Add($"<< /Type /Page /Parent 2 0 R {more} /Resources << /Font << /F1 3 0 R >> >> /Contents {page + 1} 0 R >>");
            objects.Add($"<< /Length {content.Length} >>\nstream\n{content}\nendstream");
        }
        objects[1] = $"<< /Type /Pages /Kids [{string.Join(' ', kids)}] /Count {contents.Length} >>";
        StringBuilder file = new("%PDF-1.4\n"), table = new();
        for (int i = 0; i < objects.Count; i++)
        {
            table.Append(CultureInfo.InvariantCulture, $"{file.Length:D10} 00000 n \n");
            file.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }
        int start = file.Length, size = objects.Count + 1;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n");
        file.Append(CultureInfo.InvariantCulture, $"startxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }
}
