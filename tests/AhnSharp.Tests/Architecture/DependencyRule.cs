using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Tests.Architecture;

/// <summary>
/// Which folder of the engine may name which other, and which words a folder may not know. Read from the <c>using</c>
/// lines and from qualified names.
/// </summary>
internal static partial class DependencyRule
{
    /// <summary>
    /// Gguf ← Quants ← Kernels ← {Attention, Archive, Hippocampus} ← Sessions ← {Snapshots, Cpu} ← Generation;
    /// Gguf ← Network ← {Hippocampus, Sessions, Conversion}; Gguf ← Tokenizer ← Generation.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string[]> MayUse = new Dictionary<string, string[]>
    {
        ["Seeds"] = [],
        ["Plots"] = [],
        ["Machine"] = [],
        ["Files"] = [],
        ["Gguf"] = ["Files"],
        ["Failures"] = ["Gguf"],
        // What the model is: no arithmetic, no state.
        ["Network"] = ["Gguf"],
        ["Quants"] = ["Gguf"],
        ["Kernels"] = ["Machine", "Gguf", "Quants"],
        ["Attention"] = ["Gguf", "Quants", "Kernels"],
        // What left the window, exactly: bytes and scores; where tokens lie in a ring is not its affair.
        ["Archive"] = ["Files", "Kernels"],
        ["Hippocampus"] = ["Gguf", "Quants", "Kernels", "Network"],
        ["Sessions"] = ["Files", "Gguf", "Kernels", "Network", "Archive", "Attention", "Hippocampus"],
        ["Snapshots"] = ["Files", "Gguf", "Network", "Archive", "Attention", "Hippocampus", "Sessions"],
        ["Cpu"] = ["Gguf", "Quants", "Kernels", "Network", "Archive", "Attention", "Hippocampus", "Sessions"],
        ["Planning"] = ["Gguf", "Kernels", "Network", "Attention", "Sessions", "Cpu"],
        ["Tokenizer"] = ["Gguf"],
        // Bytes and a tokenizer: which texts an answer may be has nothing to do with what computes it.
        ["Constraints"] = ["Gguf", "Tokenizer"],
        ["Generation"] =
            ["Seeds", "Gguf", "Network", "Archive", "Sessions", "Snapshots", "Cpu", "Tokenizer", "Constraints"],
        ["Embeddings"] = ["Gguf", "Network", "Sessions", "Generation", "Tokenizer"],
        ["Evaluation"] = ["Seeds", "Gguf", "Network", "Archive", "Sessions", "Generation", "Tokenizer"],
        ["Measurement"] =
            ["Seeds", "Files", "Machine", "Gguf", "Kernels", "Network", "Archive", "Attention", "Sessions", "Cpu", "Planning", "Plots"],
        // The tokenizer for the names of its metadata keys: conversion writes what it reads.
        ["Conversion"] = ["Seeds", "Files", "Gguf", "Quants", "Tokenizer", "Network"],
        // The pass of Cpu forward, its own way back; chats to learn from are those of Evaluation, files those that Conversion writes.
        ["Training"] =
            ["Seeds", "Files", "Gguf", "Quants", "Kernels", "Network", "Hippocampus", "Sessions", "Cpu",
             "Tokenizer", "Evaluation", "Conversion"],
    };

    /// <summary>
    /// Kernels know no files and no models; sessions and the pass know no SIMD; the engine has no console and no network.
    /// </summary>
    private static readonly (string Folder, string Pattern, string Reason)[] Forbidden =
    [
        ("Kernels", @"\bGguf(File|Tensor|Metadata|Cursor|Writer)\b", "kernels know no files: take bytes or a delegate"),
        ("Sessions", @"\bSystem\.Runtime\.Intrinsics\b", "sessions know no SIMD"),
        ("Sessions", @"\bSystem\.IO\b", "sessions know no files: Snapshots does"),
        ("Cpu", @"\bSystem\.Runtime\.Intrinsics\b", "the pass knows no SIMD: call Kernels"),
        ("Generation", @"\bSystem\.Runtime\.Intrinsics\b", "generation knows no SIMD"),
        ("", @"\bConsole\.", "the engine has no console"),
        ("", @"\bSystem\.Net\b", "the engine has no network"),
        ("", @"\bSpectre\.Console\b|\bSystem\.CommandLine\b", "the engine does not parse or print"),
        ("", @"\bSystem\.Reflection\b(?!\.Metadata)", "the engine is AOT-safe: no reflection"),
    ];

    // What a quick start names lies in this folder, and in the namespace AhnSharp: one using, and nothing to look for.
    private const string RootFolder = "Generation";

    /// <summary>What a file of src/AhnSharp breaks, one sentence each.</summary>
    public static IEnumerable<string> Breaches(SourceFile file)
    {
        if (FolderOf(file) is not string folder)
        {
            yield return $"{file.Path}: expected in a folder of src/AhnSharp, found at its root";
            yield break;
        }
        if (!MayUse.TryGetValue(folder, out string[]? allowed))
        {
            yield return $"{file.Path}: the folder {folder} has no row in DependencyRule.MayUse; say there what it may use";
            yield break;
        }

        string code = file.Code;
        Match space = Namespace().Match(code);
        bool isRoot = folder == RootFolder && RootNamespace().IsMatch(code);
        if (!isRoot && (!space.Success || space.Groups[1].Value != folder))
            yield return $"{file.Path}: expected namespace AhnSharp.{folder}, found {(space.Success ? space.Value.Trim() : "none")}";
        // They are seen without a using everywhere, so they are looked for by name.
        if (folder != RootFolder && !allowed.Contains(RootFolder) && RootTypes().Match(code) is { Success: true } root)
            yield return $"{file.Path}: {folder} may not use {RootFolder}, found {root.Value}";

        foreach (string used in Names().Matches(code).Select(name => name.Groups[1].Value).Distinct())
        {
            if (used != folder && MayUse.ContainsKey(used) && !allowed.Contains(used))
            {
                yield return $"{file.Path}: {folder} may use {(allowed.Length == 0 ? "nothing" : string.Join(", ", allowed))}, "
                    + $"found AhnSharp.{used}";
            }
        }
        foreach ((string of, string pattern, string reason) in Forbidden)
        {
            if (of.Length > 0 && of != folder) continue;
            Match found = Regex.Match(code, pattern);
            if (found.Success) yield return $"{file.Path}: found {found.Value} ({reason})";
        }
    }

    private static string? FolderOf(SourceFile file)
    {
        string[] parts = file.Path.Split('/');
        return parts.Length > 3 ? parts[2] : null;
    }

    [GeneratedRegex(@"^namespace AhnSharp\.(\w+)[;\s.]", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^namespace AhnSharp;", RegexOptions.Multiline)]
    private static partial Regex RootNamespace();

    [GeneratedRegex(@"\b(TextModel|TextSession|TextEngine\w*|GenerationOptions|SamplingOptions|GenerationStatistics|ReadingProgress)\b")]
    private static partial Regex RootTypes();

    [GeneratedRegex(@"\bAhnSharp\.(\w+)")]
    private static partial Regex Names();
}
