using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;

namespace AhnSharp.Bench;

/// <summary>
/// The section "Beside LLamaSharp" of bench/results/CPU.md: the same job by two programs of the same form, asked in turn, so that what
/// else the machine does meets both.
/// </summary>
internal static class LibraryBench
{
    private const string Section = "Beside LLamaSharp 0.30.0";
    private const int Answer = 64;
    private static readonly string[] s_programs = ["Ours", "Theirs"];

    /// <summary>Measures, and gives the file that it wrote.</summary>
    /// <param name="root">The clone.</param>
    /// <param name="choice">What.</param>
    public static string Run(string root, LibraryChoice choice)
    {
        string sources = Path.Combine(root, "bench", "LLamaSharp"), folder = Directory.CreateTempSubdirectory("ahn-libraries-").FullName;
        try
        {
            foreach (string program in s_programs) LibraryProgram.Publish(Path.Combine(sources, program), Path.Combine(folder, program));
            StringBuilder text = new();
            text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, ")
                .Append(CultureInfo.InvariantCulture, $"threads: {choice.Threads}, .NET {Environment.Version}; ")
                .Append(CultureInfo.InvariantCulture, $"load before: {MaskResults.Load()}. ")
                .Append("Runs in turn, after one that is not counted: medians, and the range of the ratios of the pairs, above 1 where ")
                .Append("ours is faster. The first token includes reading the text; answers are of 64 tokens, greedy, with full ")
                .Append("attention.\n\n")
                .Append("| model | text | runs | first token, ours | theirs | ratio | pairs | tokens/s, ours | theirs | ratio | pairs |\n")
                .Append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (string model in choice.Models) Measure(model, choice, root, folder, text);
            text.Append(CultureInfo.InvariantCulture, $"\nLoad after: {MaskResults.Load()}.\n\n");
            text.Append("| | ours | theirs |\n|---|---:|---:|\n| published for ")
                .Append(RuntimeInformation.RuntimeIdentifier).Append(", without the runtime | ")
                .AppendJoin(" | ", s_programs.Select(one => Megabytes(Path.Combine(folder, one)))).Append(" |\n")
                .Append("| lines of code of the job | ")
                .AppendJoin(" | ", s_programs.Select(one => LibraryProgram.Lines(Path.Combine(sources, one, "Job.cs")))).Append(" |\n\n")
                .Append("Written by `dotnet run -c Release --project bench/AhnSharp.Bench -- llamasharp MODEL.gguf…`; "
                + "the programs are bench/LLamaSharp.\n");
            string results = Path.Combine(root, "bench", "results");
            Directory.CreateDirectory(results);
            string path = Measurement.ResultsFile.PathIn(results);
            Measurement.ResultsFile.Replace(path, Section, text.ToString());
            return path;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string model, LibraryChoice choice, string root, string folder, StringBuilder table)
    {
        int context = choice.Texts.Max() + 2 * Answer;
        using LibraryProgram ours = Start("Ours"), theirs = Start("Theirs");
        foreach (int tokens in choice.Texts)
        {
            string file = Path.Combine(folder, $"{tokens}.txt");
            File.WriteAllText(file, TextOf(tokens, model, Path.Combine(root, "gguf", "dracula.txt")));
            List<(LibraryRun Ours, LibraryRun Theirs)> pairs = [];
            for (int run = 0; run <= choice.Runs; run++)
            {
                (LibraryRun Ours, LibraryRun Theirs) pair = (ours.Ask(file, Answer), theirs.Ask(file, Answer));
                if ((pair.Ours.TextTokens, pair.Theirs.TextTokens) is var found && found != (tokens, tokens))
                    throw new InvalidOperationException($"Expected a text of {tokens} tokens, found {found.Item1} and {found.Item2}.");
                Console.WriteLine($"{Path.GetFileName(model)}, {tokens} tokens, run {run} of {choice.Runs}: {pair.Ours} {pair.Theirs}");
                if (run > 0) pairs.Add(pair);
            }
            table.Append(CultureInfo.InvariantCulture, $"| {Path.GetFileNameWithoutExtension(model)} | {tokens:N0} | {choice.Runs} ")
                .Append(Cells(pairs, run => run.FirstMilliseconds, "N0", " ms", less: true))
                .Append(Cells(pairs, run => run.TokensPerSecond, "F1", "", less: false)).Append("|\n");
        }

        LibraryProgram Start(string program) =>
            LibraryProgram.Start(Path.Combine(folder, program, program + ".dll"), model, choice.Threads, context);
    }

    private static string Cells(
        List<(LibraryRun Ours, LibraryRun Theirs)> pairs, Func<LibraryRun, double> value, string format, string unit, bool less)
    {
        double ours = Median(pairs.Select(pair => value(pair.Ours))), theirs = Median(pairs.Select(pair => value(pair.Theirs)));
        double[] ratios = [.. pairs.Select(pair => Ratio(value(pair.Ours), value(pair.Theirs))).Order()];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Text(ours)} | {Text(theirs)} | {Ratio(ours, theirs):F2} | {ratios[0]:F2} – {ratios[^1]:F2} ");

        string Text(double one) => one.ToString(format, CultureInfo.InvariantCulture) + unit;

        double Ratio(double our, double their) => less ? their / our : our / their;
    }

    /// <summary>The middle one, or between the middle two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    // The beginning of the book that the model's tokenizer makes so many tokens of.
    private static string TextOf(int tokens, string model, string book)
    {
        using GgufFile file = GgufFile.Open(model);
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(file.Metadata);
        string text = File.ReadAllText(book);
        for (int length = tokens; length < text.Length; length++)
        {
            int found = tokenizer.Encode(text[..length]).Length;
            if (found == tokens) return text[..length];
            // No token is longer than some tens of characters: far from the end by leaps, near it by single ones.
            if (found < tokens - 32) length += tokens - 32 - found;
        }
        throw new InvalidOperationException($"{book}: expected a beginning of {tokens} tokens, found none.");
    }

    private static string Megabytes(string folder) =>
        string.Create(CultureInfo.InvariantCulture, $"{LibraryProgram.Bytes(folder) / 1e6:F1} MB");
}
