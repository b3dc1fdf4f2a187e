using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Measurement;
using AhnSharp.Sessions;

namespace AhnSharp.Bench;

/// <summary>
/// The section "Texts at once, beside llama.cpp" of the results: as many texts gone on with at once by 'ahn bench --parallel' and by one
/// llama_decode per step, in turn.
/// </summary>
internal static class AtOnceBench
{
    private const string Section = "Texts at once, beside llama.cpp";
    private const int Prompt = 64, Generated = 16, Context = 4096;
    private static readonly int[] s_texts = [1, 2, 4, 8, 16];

    /// <summary>Measures, and gives the file that it wrote.</summary>
    /// <param name="root">The clone.</param>
    /// <param name="choice">Models, threads and runs.</param>
    public static string Run(string root, LibraryChoice choice)
    {
        string folder = Directory.CreateTempSubdirectory("ahn-at-once-").FullName;
        try
        {
            LibraryProgram.Publish(Path.Combine(root, "bench", "LLamaSharp", "AtOnce"), folder);
            StringBuilder text = new();
            text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, ")
                .Append(CultureInfo.InvariantCulture, $"threads: {choice.Threads}; load before: {MaskResults.Load()}. Each text {Prompt} ")
                .Append(CultureInfo.InvariantCulture, $"tokens long and {Generated} more, full attention, kv f16; {choice.Runs} runs in ")
                .Append("turn, medians, and the range of the ratios of the pairs, above 1 where ours is faster. llama.cpp is that of ")
                .Append(
                    "LLamaSharp 0.30.0.\n\n| model | texts at once | tokens/s together, ours | theirs | ratio | pairs | over one, ours ")
                .Append("| theirs |\n|---|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (string model in choice.Models) Measure(model, choice, folder, text);
            text.Append(CultureInfo.InvariantCulture, $"\nLoad after: {MaskResults.Load()}.\n\n")
                .Append("Written by `dotnet run -c Release --project bench/AhnSharp.Bench -- at-once MODEL.gguf…`; their program is "
                    + "bench/LLamaSharp/AtOnce.\n");
            string path = Measurement.ResultsFile.PathIn(Path.Combine(root, "bench", "results"));
            Measurement.ResultsFile.Replace(path, Section, text.ToString());
            return path;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string path, LibraryChoice choice, string folder, StringBuilder table)
    {
        using CpuModel model = CpuModel.Load(path, null, new ModelOptions { Threads = choice.Threads });
        SessionOptions options = new() { Mode = MemoryMode.Full, Kv = KvType.F16, ContextTokens = Context };
        using LibraryProgram theirs = LibraryProgram.Start(Path.Combine(folder, "AtOnce.dll"), path, choice.Threads, Context);
        List<(double Ours, double Theirs)>[] rates = [.. s_texts.Select(static _ => new List<(double, double)>())];
        for (int run = 0; run <= choice.Runs; run++)
        {
            for (int i = 0; i < s_texts.Length; i++)
            {
                int texts = s_texts[i];
                double ours = ParallelTest.Run(model, options, [texts], Prompt, Generated, 1, null, default).Levels[0].TokensPerSecond;
                double other = texts * Generated / theirs.Ask($"{texts} {Prompt} {Generated}")[0];
                Console.WriteLine($"{Path.GetFileName(path)}, {texts} texts, run {run} of {choice.Runs}: {ours:F2} {other:F2}");
                if (run > 0) rates[i].Add((ours, other));
            }
        }
        (double Ours, double Theirs) one = default;
        for (int i = 0; i < s_texts.Length; i++)
        {
            double ours = LibraryBench.Median(rates[i].Select(static pair => pair.Ours)),
                other = LibraryBench.Median(rates[i].Select(static pair => pair.Theirs));
            double[] ratios = [.. rates[i].Select(static pair => pair.Ours / pair.Theirs).Order()];
            if (i == 0) one = (ours, other);
            table.Append(CultureInfo.InvariantCulture, $"| {Path.GetFileNameWithoutExtension(path)} | {s_texts[i]} | {ours:F1} ")
                .Append(CultureInfo.InvariantCulture, $"| {other:F1} | {ours / other:F2} | {ratios[0]:F2} – {ratios[^1]:F2} ")
                .Append(CultureInfo.InvariantCulture, $"| {ours / one.Ours:F2} × | {other / one.Theirs:F2} × |\n");
        }
    }
}
