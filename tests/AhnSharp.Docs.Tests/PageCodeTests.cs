using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>
/// The C# of README.md and of docs compiles as a reader would paste it: a page's blocks of statements are one program; a block that begins
/// with its usings is a file.
/// </summary>
public sealed class PageCodeTests
{
    // By page: what its statements take for granted.
    private static readonly Dictionary<string, string> s_before = new()
    {
        ["README.md"] = "using AhnSharp;\n",
        ["docs/program.md"] = """
            using AhnSharp;
            using AhnSharp.Constraints;
            using AhnSharp.Embeddings;
            using AhnSharp.Extensions.AI;
            using AhnSharp.Generation;
            using Microsoft.Extensions.AI;
            AhnSharp.Tokenizer.ChatMessage[] messages = [new("user", "Who may terminate, and when?")];
            string schema = "{}";
            using TextModel model = TextModel.Load("model.gguf");

            """,
    };

    public static TheoryData<string> Pages() => [.. Page.All().Where(page => CodeOf(page).Length > 0).Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_code_of_a_page_compiles(string path)
    {
        Block[] blocks = CodeOf(Page.Read(path)), statements = [.. blocks.Where(block => !IsFile(block))];
        List<string> breaches = [.. blocks.Where(IsFile).SelectMany(Snippet.Breaches)];
        if (statements.Length > 0) breaches.AddRange(Snippet.Breaches(s_before.GetValueOrDefault(path, ""), statements));
        Assert.True(breaches.Count == 0, string.Join("\n", breaches));
    }

    [Fact]
    public void Code_that_does_not_compile_is_found_with_its_line()
    {
        Block first = new("A.md", 10, "csharp", "int a = 1;\nConsole.WriteLine(a);");
        Block second = new("A.md", 20, "csharp", "\nConsole.WriteLine(a.Missing);");
        Assert.StartsWith("A.md:22: CS1061", Assert.Single(Snippet.Breaches("", [first, second])), StringComparison.Ordinal);
        Block file = new("A.md", 10, "csharp", "using System;\npublic class A : B;");
        Assert.StartsWith("A.md:12: CS0246", Assert.Single(Snippet.Breaches(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_front_page_has_code() => Assert.NotEmpty(CodeOf(Page.Read("README.md")));

    private static Block[] CodeOf(Page page) => [.. page.Blocks().Where(block => block.Language is "csharp" or "cs")];

    private static bool IsFile(Block block) => block.Text.StartsWith("using System", StringComparison.Ordinal);
}
