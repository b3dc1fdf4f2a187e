using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Tests.Architecture;

public sealed partial class DependencyTests
{
    [Fact]
    public void Engine_folders_use_only_what_stands_below_them()
    {
        IReadOnlyList<SourceFile> files =
            [.. SourceFile.CSharpOf("src").Where(file => file.Path.StartsWith("src/AhnSharp/", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        FileShapeTests.AssertNone(files.SelectMany(DependencyRule.Breaches));
    }

    [Fact]
    public void The_rules_have_no_cycle()
    {
        var done = new HashSet<string>();
        while (done.Count < DependencyRule.MayUse.Count)
        {
            string[] next =
                [.. DependencyRule.MayUse.Where(row => !done.Contains(row.Key) && row.Value.All(done.Contains)).Select(row => row.Key)];
            Assert.NotEmpty(next);
            done.UnionWith(next);
        }
    }

    [Theory]
    [InlineData("Quants", "using AhnSharp.Kernels;\nnamespace AhnSharp.Quants;\n", "AhnSharp.Kernels")]
    [InlineData("Attention", "using AhnSharp.Hippocampus;\nnamespace AhnSharp.Attention;\n", "AhnSharp.Hippocampus")]
    [InlineData("Cpu", "using static AhnSharp.Tokenizer.Utf8Stream;\nnamespace AhnSharp.Cpu;\n", "AhnSharp.Tokenizer")]
    [InlineData("Gguf", "namespace AhnSharp.Gguf;\nclass A { AhnSharp.Sessions.LanguageSession? s; }\n", "AhnSharp.Sessions")]
    [InlineData("Kernels", "namespace AhnSharp.Other;\n", "expected namespace AhnSharp.Kernels")]
    [InlineData("Kernels", "namespace AhnSharp;\n", "expected namespace AhnSharp.Kernels")]
    [InlineData("Cpu", "namespace AhnSharp.Cpu;\nclass A(TextSession session);\n", "TextSession")]
    [InlineData("Kernels", "using AhnSharp.Gguf;\nnamespace AhnSharp.Kernels;\nclass A(GgufFile file);\n", "GgufFile")]
    [InlineData("Cpu", "using System.Runtime.Intrinsics.X86;\nnamespace AhnSharp.Cpu;\n", "Intrinsics")]
    [InlineData("Sessions", "using System.IO;\nnamespace AhnSharp.Sessions;\n", "System.IO")]
    [InlineData("Generation", "namespace AhnSharp.Generation;\nclass A { void B() => System.Console.WriteLine(); }\n", "Console")]
    [InlineData("Misc", "namespace AhnSharp.Misc;\n", "no row")]
    public void A_breach_is_found(string folder, string text, string named)
    {
        string breach = Assert.Single(DependencyRule.Breaches(new SourceFile($"src/AhnSharp/{folder}/A.cs", text)));
        Assert.Contains(named, breach, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mention_in_a_comment_is_no_breach() =>
        Assert.Empty(
            DependencyRule.Breaches(new SourceFile("src/AhnSharp/Gguf/A.cs", "// AhnSharp.Cpu reads this\nnamespace AhnSharp.Gguf;\n")));

    [Fact]
    public void The_engine_has_two_packages()
    {
        // Google.Protobuf is no third: it pins the version that Microsoft.ML.Tokenizers asks for.
        string project = File.ReadAllText(Path.Combine(Fixture.Repository, "src", "AhnSharp", "AhnSharp.csproj"));
        string[] packages = [.. Package().Matches(project).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        Assert.Equal(["Google.Protobuf", "Microsoft.ML.Tokenizers", "System.Numerics.Tensors"], packages);
    }

    [Fact]
    public void Readers_of_documents_have_two_packages_and_neither_console_nor_network()
    {
        string project = File.ReadAllText(Path.Combine(Fixture.Repository, "src", "AhnSharp.Documents", "AhnSharp.Documents.csproj"));
        Assert.Equal(["PdfPig"], Package().Matches(project).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
        IReadOnlyList<SourceFile> files =
            [.. SourceFile.CSharpOf("src").Where(file => file.Path.StartsWith("src/AhnSharp.Documents/", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        foreach (string word in new[] { "Console.", "System.Net", "System.CommandLine", "Spectre.Console", "System.Reflection" })
        {
            FileShapeTests.AssertNone(
                files.Where(file => file.Code.Contains(word, StringComparison.Ordinal)).Select(file => $"{file.Path}: found {word}"));
        }
    }

    [Fact]
    public void The_command_alone_has_the_GPU_and_leaves_it_out_where_it_is_compiled_ahead_of_time()
    {
        foreach (string project in Directory.GetFiles(Path.Combine(Fixture.Repository, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(project) == "AhnSharp.Gpu.csproj") continue;
            bool names = File.ReadAllText(project).Contains("AhnSharp.Gpu.csproj", StringComparison.Ordinal);
            Assert.Equal(Path.GetFileName(project) == "AhnSharp.Cli.csproj", names);
        }
        string cli = File.ReadAllText(Path.Combine(Fixture.Repository, "src", "AhnSharp.Cli", "AhnSharp.Cli.csproj"));
        Assert.Contains("<WithGpu Condition=\"'$(PublishAot)' != 'true'\">true</WithGpu>", cli, StringComparison.Ordinal);
    }

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\"")]
    private static partial Regex Package();
}
