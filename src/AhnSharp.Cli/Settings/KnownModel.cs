using System;
using System.Linq;

namespace AhnSharp.Cli.Settings;

/// <summary>A model that a newcomer may be pointed to: its makers' own GGUF files.</summary>
/// <param name="Family">As other programs name it before the colon.</param>
/// <param name="Size">As they name it behind the colon.</param>
/// <param name="Reference">As 'ahn pull' takes it.</param>
/// <param name="Bytes">About what the files take, of a disk and of memory.</param>
/// <param name="Licence">As its makers' page has it.</param>
internal sealed record KnownModel(string Family, string Size, string Reference, long Bytes, string Licence)
{
    private const string Apache = "Apache 2.0", Research = "Qwen Research License, not for commercial use";

    // Beside the weights: a session of 32,768 tokens at 7B takes 1.9 GB in f16, smaller models less; program and scratch 0.6 GB.
    private const long Beside = 2_500_000_000;

    // Q4_K_M files of the repositories of Qwen, in the order of their size; sizes as their pages list them.
    private static readonly KnownModel[] s_all =
    [
        Qwen25("0.5b", 491_000_000, Apache), Qwen25("1.5b", 1_120_000_000, Apache), Qwen25("3b", 2_100_000_000, Research),
        Qwen25("7b", 4_680_000_000, Apache), Qwen25("14b", 8_990_000_000, Apache), Qwen25("32b", 19_850_000_000, Apache),
    ];

    /// <summary>The name for people.</summary>
    internal string Title => $"Qwen2.5 {Size.ToUpperInvariant()} Instruct";

    /// <summary>
    /// What to offer a machine with so much free memory: the largest of a free licence up to 7B, above which a processor alone writes
    /// slower than one reads; null where none fits.
    /// </summary>
    internal static KnownModel? For(long freeBytes) => s_all.LastOrDefault(
        model => model.Licence == Apache && model.Bytes <= 5_000_000_000 && model.Bytes + Math.Min(Beside, model.Bytes) <= freeBytes);

    /// <summary>The model that another program calls so, as qwen2.5:7b; null: none of these.</summary>
    internal static KnownModel? Called(string name)
    {
        string[] parts = name.ToLowerInvariant().Split(':', '-');
        return Array.Find(s_all, model => model.Family == parts[0] && (parts.Length == 1 ? model.Size == "7b" : parts[1] == model.Size));
    }

    private static KnownModel Qwen25(string size, long bytes, string licence) =>
        new("qwen2.5", size, $"Qwen/Qwen2.5-{size.ToUpperInvariant()}-Instruct-GGUF:q4_k_m", bytes, licence);
}
