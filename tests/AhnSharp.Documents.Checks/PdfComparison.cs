using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Documents.Pdf;

namespace AhnSharp.Documents.Checks;

/// <summary>What pdftotext reads of a PDF against what this project reads of it, word by word and page by page.</summary>
/// <param name="Name">Of the file.</param>
/// <param name="Pages">Of it.</param>
/// <param name="Words">Those of pdftotext.</param>
/// <param name="Lost">Words of pdftotext that are not on the same page here, with how often: lost, run together or torn.</param>
/// <param name="RunTogether">How many of them are parts of a longer word here that pdftotext has not.</param>
/// <param name="Added">Words here that pdftotext has not on that page.</param>
/// <param name="Seconds">What reading it took here.</param>
internal sealed record PdfComparison(string Name, int Pages, int Words, Dictionary<string, int> Lost, int RunTogether, Dictionary<string,
    int> Added, double Seconds)
{
    public int LostCount => Lost.Values.Sum();

    public static PdfComparison Of(string path)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Document document = PdfText.Read(Path.GetFileName(path), File.ReadAllBytes(path), CancellationToken.None, keepRunningHeads: true);
        double seconds = watch.Elapsed.TotalSeconds;
        string[] expected = PdfToText(path).Split('\f');
        Dictionary<int, string> found = document.Parts.ToDictionary(static part => part.Page!.Value, static part => part.Text);
        Dictionary<string, int> lost = [], added = [];
        int words = 0, together = 0;
        for (int page = 1; page <= document.Pages; page++)
        {
            List<string> theirs = WordBag.Of(page <= expected.Length ? expected[page - 1] : ""),
                ours = WordBag.Of(found.GetValueOrDefault(page, ""));
            words += theirs.Count;
            Dictionary<string, int> missing = WordBag.Missing(theirs, ours), surplus = WordBag.Missing(ours, theirs);
            together += RunTogetherOf(theirs, missing, surplus);
            Add(lost, missing);
            Add(added, surplus);
        }
        return new PdfComparison(Path.GetFileName(path), document.Pages, words, lost, together, added, seconds);
    }

    private static void Add(Dictionary<string, int> sum, Dictionary<string, int> page)
    {
        foreach ((string word, int count) in page) sum[word] = sum.GetValueOrDefault(word) + count;
    }

    // Neighbours that are missing here while their concatenation is there.
    private static int RunTogetherOf(List<string> theirs, Dictionary<string, int> missing, Dictionary<string, int> surplus)
    {
        int together = 0;
        for (int i = 0; i + 1 < theirs.Count; i++)
        {
            string joined = theirs[i];
            for (int end = i + 1; end < Math.Min(theirs.Count, i + 12); end++)
            {
                joined += theirs[end];
                if (!missing.ContainsKey(theirs[i]) || surplus.GetValueOrDefault(joined) <= 0) continue;
                surplus[joined]--;
                together += end - i + 1;
                i = end;
                break;
            }
        }
        return together;
    }

    private static string PdfToText(string path)
    {
        ProcessStartInfo start = new("pdftotext") { RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8 };
        foreach (string argument in (string[])["-q", "-enc", "UTF-8", path, "-"]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("pdftotext could not be started.");
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{path}: pdftotext ended with {process.ExitCode}.");
    }
}
