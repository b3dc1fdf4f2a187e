using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using BenchmarkDotNet.Reports;

namespace AhnSharp.Bench;

/// <summary>
/// The section "Matrix kernels" of bench/results/CPU.md: one line a (format, tier, shape) in G multiply-adds/s; a run replaces the lines it
/// measured and keeps the others.
/// </summary>
internal static class ResultsFile
{
    private const string Section = "Matrix kernels";
    private static readonly int[] Tokens = [1, 4, 64, 512];

    public static string Update(Summary summary, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Measurement.ResultsFile.PathIn(folder);
        Dictionary<string, string> lines = File.Exists(path) ? Read(path) : [];
        foreach (IGrouping<MatrixCase, BenchmarkReport> one in summary.Reports.Where(report => report.Success).GroupBy(CaseOf))
            lines[KeyOf(one.Key)] = Line(one.Key, one);

        var text = new StringBuilder();
        text.Append("G multiply-adds/s on one thread, by tokens per product; shapes are [out]×[in]. "
            + "Written by `dotnet run -c Release --project bench/AhnSharp.Bench`.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| format | tier | shape | {string.Join(" | ", Tokens)} | runtime |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|---|---|{string.Concat(Tokens.Select(_ => "---|"))}---|\n");
        foreach (MatrixCase one in MatrixCase.All)
        {
            if (lines.TryGetValue(KeyOf(one), out string? line)) text.Append(line).Append('\n');
        }
        Measurement.ResultsFile.Replace(path, Section, text.ToString());
        return path;
    }

    private static Dictionary<string, string> Read(string path) => File.ReadLines(path)
        .SkipWhile(line => line != "## " + Section)
        .Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .ToDictionary(line => string.Join("|", line.Split('|').Skip(1).Take(3).Select(cell => cell.Trim())), line => line);

    private static string Line(MatrixCase one, IEnumerable<BenchmarkReport> reports)
    {
        Dictionary<int, double> speeds = reports.ToDictionary(
            TokensOf, report => (double)one.Shape.Rows * one.Shape.Columns * TokensOf(report) / report.ResultStatistics!.Median);
        IEnumerable<string> cells = Tokens.Select(
            tokens => speeds.TryGetValue(tokens, out double speed) ? speed.ToString("F1", CultureInfo.InvariantCulture) : "");
        return $"| {KeyOf(one).Replace("|", " | ", StringComparison.Ordinal)} | {string.Join(" | ", cells)} | .NET {Environment.Version} |";
    }

    private static MatrixCase CaseOf(BenchmarkReport report) => (MatrixCase)report.BenchmarkCase.Parameters[nameof(MatrixBench.Case)];

    private static int TokensOf(BenchmarkReport report) => (int)report.BenchmarkCase.Parameters[nameof(MatrixBench.Tokens)];

    private static string KeyOf(MatrixCase one) => $"{one.Row.Kernel.Type}|{one.Row.Tier}|{one.Shape}";
}
