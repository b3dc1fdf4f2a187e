using System;
using System.Linq;
using Xunit;

namespace AhnSharp.Tests.Architecture;

public sealed class ConsoleTests
{
    // Names and texts of files lose there what would command a terminal: whatever else printed would print past it.
    [Fact]
    public void Nothing_of_the_command_but_its_terminal_writes_to_the_console()
    {
        string[] words =
        [
            "Console.Write", "Console.Out", "Console.Error", "Console.OpenStandard", "Console.Set",
            "AnsiConsole.", "new Text(", "new Markup(",
        ];
        string[] boundary = ["src/AhnSharp.Cli/Display/Terminal.cs", "src/AhnSharp.Cli/Display/StandardStreams.cs"];
        SourceFile[] files =
            [.. SourceFile.CSharpOf("src").Where(file => file.Path.StartsWith("src/AhnSharp.Cli/", StringComparison.Ordinal))];
        Assert.All(boundary, path => Assert.Contains(files, file => file.Path == path));
        FileShapeTests.AssertNone(
            from file in files
            where !boundary.Contains(file.Path)
            from word in words
            where file.Code.Contains(word, StringComparison.Ordinal)
            select $"{file.Path}: found {word}");
    }
}
