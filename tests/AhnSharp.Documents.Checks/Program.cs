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
        Console.Error.WriteLine("pdf FOLDER [--words]   compare each PDF with pdftotext, print a table (and the words that differ)");
        Console.Error.WriteLine("text FILE              print what is read of a PDF, and its notes");
        return 2;
}

static int Compare(string folder, bool words)
{
    List<PdfComparison> all = [];
    Console.WriteLine("| PDF | pages | words | lost | per 1,000 | of these run together | added |");
    Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
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
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"read here in {all.Sum(static one => one.Seconds):F1} s"));
    return all.Count > 0 && all.Sum(static one => one.LostCount) <= 0.001 * all.Sum(static one => one.Words) ? 0 : 1;

    static void Row(string name, IReadOnlyList<PdfComparison> of)
    {
        int words = of.Sum(static one => one.Words), lost = of.Sum(static one => one.LostCount);
        int together = of.Sum(static one => one.RunTogether), added = of.Sum(static one => one.Added.Values.Sum());
        string counts = string.Create(CultureInfo.InvariantCulture, $"{of.Sum(static one => one.Pages):N0} | {words:N0} | {lost:N0}");
        double perThousand = 1000.0 * lost / Math.Max(1, words);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {counts} | {perThousand:F2} | {together:N0} | "
            + $"{added:N0} |"));
    }

    static string Some(Dictionary<string, int> of) =>
        string.Join(' ', of.OrderByDescending(static one => one.Value).Take(60)
        .Select(static one => one.Value > 1 ? $"{one.Key}×{one.Value}" : one.Key));
}
