using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace AhnSharp.Bench;

/// <summary>What is measured: <c>MODEL.gguf… [--threads N] [--runs N] [--text TOKENS]…</c>.</summary>
internal sealed class LibraryChoice
{
    public List<string> Models { get; } = [];

    /// <summary>Tokens of the texts; 512 and 2,048 unless given.</summary>
    public List<int> Texts { get; } = [];

    /// <summary>Of each text and program, behind one that is not counted.</summary>
    public int Runs { get; private set; } = 5;

    /// <summary>
    /// Of each program. One where others use the machine: threads of llama.cpp that wait for each other spin, and lose to whatever else
    /// runs.
    /// </summary>
    public int Threads { get; private set; } = Environment.ProcessorCount;

    public static LibraryChoice Parse(ReadOnlySpan<string> words)
    {
        LibraryChoice choice = new();
        for (int i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
            {
                choice.Models.Add(Path.GetFullPath(words[i]));
                continue;
            }
            if (i + 1 == words.Length || !int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                throw new ArgumentException($"{words[i]}: expected a number behind it.");
            switch (words[i++])
            {
                case "--threads": choice.Threads = number; break;
                case "--runs": choice.Runs = number; break;
                case "--text": choice.Texts.Add(number); break;
                default: throw new ArgumentException($"Expected --threads, --runs or --text, found {words[i - 1]}.");
            }
        }
        if (choice.Models.Count == 0) throw new ArgumentException("Expected a GGUF file or more behind 'llamasharp', found none.");
        if (choice.Texts.Count == 0) choice.Texts.AddRange([512, 2048]);
        return choice;
    }
}
