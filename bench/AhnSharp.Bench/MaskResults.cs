using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using BenchmarkDotNet.Reports;

namespace AhnSharp.Bench;

/// <summary>The section "Masks" of bench/results/CPU.md: microseconds per token of an answer, at first and again.</summary>
internal static class MaskResults
{
    private const string Section = "Masks";

    public static string Update(Summary summary, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Measurement.ResultsFile.PathIn(folder);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture,
            $"µs per token for the mask of an answer, {MaskBench.ReadTokenizer().VocabularySize:N0} tokens, ")
            .Append("on one thread: under a constraint that was just compiled (compiling included), and under one that has seen the "
                + "answer. ")
            .Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, load {Load()}. ")
            .Append("Written by `dotnet run -c Release --project bench/AhnSharp.Bench -- --filter '*Mask*'`.\n\n");
        text.Append("| constraint | tokens | at first | again |\n|---|---|---|---|\n");
        foreach (IGrouping<MaskCase, BenchmarkReport> one in summary.Reports.Where(report => report.Success)
            .GroupBy(report => (MaskCase)report.BenchmarkCase.Parameters[nameof(MaskBench.Case)]))
        {
            int tokens = MaskBench.TokensOf(one.Key);
            Dictionary<string, double> times = one.ToDictionary(
                report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name, report => report.ResultStatistics!.Median / 1000 / tokens);
            text.Append(CultureInfo.InvariantCulture,
                $"| {one.Key} | {tokens} | {times.GetValueOrDefault(nameof(MaskBench.First)):F1} | "
                    + $"{times.GetValueOrDefault(nameof(MaskBench.Again)):F2} |\n");
        }
        Measurement.ResultsFile.Replace(path, Section, text.ToString());
        return path;
    }

    /// <summary>What else the machine does: threads that want to run, over the last minute.</summary>
    internal static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
