using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>What comments and pages cite is here: pages by their path from the root, and links between pages.</summary>
public sealed partial class CitationTests
{
    // Paths of such a form that are not of this repository.
    private static readonly Dictionary<string, string> s_elsewhere = new()
    {
        ["docs/source/en/guides/manage-cache.md"] = "of huggingface_hub, named beside it",
        ["bench/results/CPU.md"] = "CPU stands for a name",
    };

    [Fact]
    public void Every_page_that_the_code_cites_is_in_the_repository()
    {
        string[] breaches = [.. Files("*.cs").SelectMany(file => CodeBreaches(file, TextOf(file)))];
        Assert.True(breaches.Length == 0, string.Join("\n", breaches));
    }

    [Fact]
    public void Every_link_of_a_page_leads_to_a_file()
    {
        string[] breaches = [.. Files("*.md").SelectMany(file => LinkBreaches(file, TextOf(file)))];
        Assert.True(breaches.Length == 0, string.Join("\n", breaches));
    }

    [Fact]
    public void A_page_and_a_link_that_are_missing_are_found()
    {
        // In two pieces, so that this file is not its own breach.
        Assert.Single(CodeBreaches("src/A.cs", "/// Source: spec" + "/missing.md, \"memory\"; docs/memory.md"));
        const string Links = "[here](memory.md#tensors), [there](memori.md), [far](https://arxiv.org/abs/2510.07318)";
        Assert.Single(LinkBreaches("docs/memory.md", Links));
    }

    private static IEnumerable<string> CodeBreaches(string file, string text) =>
        Cited().Matches(text).Select(match => match.Value).Distinct()
            .Where(page => !s_elsewhere.ContainsKey(page) && !File.Exists(Path.Combine(Page.Repository, page)))
            .Select(page => $"{file}: cites {page}, which is not in the repository");

    private static IEnumerable<string> LinkBreaches(string file, string text)
    {
        string folder = Path.Combine(Page.Repository, Path.GetDirectoryName(file)!);
        return Link().Matches(text).Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target)))
            .Select(target => $"{file}: links to {target}, which is not in the repository");
    }

    private static string TextOf(string file) => File.ReadAllText(Path.Combine(Page.Repository, file));

    private static IEnumerable<string> Files(string pattern)
    {
        string[] skipped = ["artifacts", "bin", "obj", ".git", "BenchmarkDotNet.Artifacts", "TestResults", "scratch"];
        return Directory.GetFiles(Page.Repository, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Page.Repository, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(skipped.Contains) && !path.Contains("/Fixtures/", StringComparison.Ordinal));
    }

    // A path from the root to a page; neither an address nor a bare README.md.
    [GeneratedRegex(@"(?<![\w./<-])(?:docs|spec|guide|facts|shared|bench|gguf|src|tests)/[\w./-]*\.md\b")]
    private static partial Regex Cited();

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Link();
}
