using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using AhnSharp.Documents;
using AhnSharp.Documents.Checks;
using AhnSharp.Documents.Pdf;

Console.OutputEncoding = Encoding.UTF8;
switch (args)
{
    case ["text", string file]:
        Document document = PdfText.Read(Path.GetFileName(file), File.ReadAllBytes(file), CancellationToken.None);
        foreach (DocumentPart part in document.Parts) Console.WriteLine($"{part.Text}\n\f");
        foreach (string note in document.Notes) Console.Error.WriteLine(note);
        return 0;
    case ["pdf", string folder, .. string[] rest]:
        return Compare(folder, rest.Contains("--words"));
    default:
        Console.Error.WriteLine("pdf FOLDER [--words]   compare each PDF with pdftotext, print a table (and the words that differ)\ntext FILE              print what is read of a PDF, and its notes");
        return 2;
}

static int Compare(string folder, bool words)
{
    List<PdfComparison> all = [];
    Console.WriteLine("| PDF | pages | words | lost or run together | of 1,000 | run together | added | seconds |\n|---|---:|---:|---:|---:|---:|---:|---:|");
    foreach (string path in Directory.GetFiles(folder, "*.pdf").Order(StringComparer.Ordinal))
    {
        PdfComparison one = PdfComparison.Of(path);
        all.Add(one);
        Row(one.Name, [one]);
        if (!words) continue;
        Console.WriteLine($"  lost:  {Some(one.Lost)}");
        Console.WriteLine($"  added: {Some(one.Added)}");
    }
    Row($"all {all.Count}", all);
    return all.Count > 0 && all.Sum(static one => one.LostCount) <= 0.001 * all.Sum(static one => one.Words) ? 0 : 1;

    static void Row(string name, IReadOnlyList<PdfComparison> of) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {of.Sum(static one => one.Pages):N0} | {of.Sum(static one => one.Words):N0} | {of.Sum(static one => one.LostCount):N0} | {1000.0 * of.Sum(static one => one.LostCount) / Math.Max(1, of.Sum(static one => one.Words)):F2} | {of.Sum(static one => one.RunTogether):N0} | {of.Sum(static one => one.Added.Values.Sum()):N0} | {of.Sum(static one => one.Seconds):F1} |"));

    static string Some(Dictionary<string, int> of) => string.Join(' ', of.OrderByDescending(static one => one.Value).Take(60).Select(static one => one.Value > 1 ? $"{one.Key}×{one.Value}" : one.Key));
}
