using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using BenchmarkDotNet.Reports;

namespace AhnSharp.Bench;

/// <summary>bench/results/CPU.md: one line a (format, tier, shape) in G multiply-adds/s; a run replaces the lines it measured and keeps the others.</summary>
internal static partial class ResultsFile
{
    private static readonly int[] Tokens = [1, 4, 64, 512];

    public static string Update(Summary summary, string folder)
    {
        string cpu = summary.HostEnvironmentInfo.Cpu.Value?.ProcessorName?.Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, NotInNames().Replace(cpu, "-").Trim('-').ToLowerInvariant() + ".md");
        Dictionary<string, string> lines = File.Exists(path) ? Read(path) : [];
        foreach (IGrouping<string, BenchmarkReport> row in summary.Reports.Where(report => report.Success).GroupBy(Key)) lines[row.Key] = Line(row.Key, row);

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Matrix kernels on {cpu}").AppendLine();
        text.AppendLine("G multiply-adds/s on one thread, by tokens a product; shapes are [out]×[in]. Written by `dotnet run -c Release --project bench/AhnSharp.Bench`.").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| format | tier | shape | {string.Join(" | ", Tokens)} | runtime |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|---|---|{string.Concat(Tokens.Select(_ => "---|"))}---|");
        foreach (MatrixRow row in MatrixRow.All)
        {
            foreach (MatrixShape shape in MatrixShape.All)
            {
                if (lines.TryGetValue(KeyOf(row, shape), out string? line)) text.AppendLine(line);
            }
        }
        File.WriteAllText(path, text.ToString().ReplaceLineEndings("\n"));
        return path;
    }

    private static Dictionary<string, string> Read(string path) => File.ReadLines(path)
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .ToDictionary(line => string.Join("|", line.Split('|').Skip(1).Take(3).Select(cell => cell.Trim())), line => line);

    private static string Line(string key, IEnumerable<BenchmarkReport> reports)
    {
        Dictionary<int, double> speeds = reports.ToDictionary(
            report => (int)report.BenchmarkCase.Parameters[nameof(MatrixBench.Tokens)],
            report =>
            {
                var shape = (MatrixShape)report.BenchmarkCase.Parameters[nameof(MatrixBench.Shape)];
                int tokens = (int)report.BenchmarkCase.Parameters[nameof(MatrixBench.Tokens)];
                return (double)shape.Rows * shape.Columns * tokens / report.ResultStatistics!.Median;
            });
        IEnumerable<string> cells = Tokens.Select(tokens => speeds.TryGetValue(tokens, out double speed) ? speed.ToString("F1", CultureInfo.InvariantCulture) : "");
        return $"| {key.Replace("|", " | ", StringComparison.Ordinal)} | {string.Join(" | ", cells)} | .NET {Environment.Version} |";
    }

    private static string Key(BenchmarkReport report) => KeyOf(
        (MatrixRow)report.BenchmarkCase.Parameters[nameof(MatrixBench.Row)], (MatrixShape)report.BenchmarkCase.Parameters[nameof(MatrixBench.Shape)]);

    private static string KeyOf(MatrixRow row, MatrixShape shape) => $"{row.Kernel.Type}|{row.Tier}|{shape}";

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NotInNames();
}
