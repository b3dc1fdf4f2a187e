using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Tests.Architecture;

public sealed partial class FileShapeTests
{
    private const int LongestFile = 500;

    // A record, enum, delegate or interface up to this length may stand in the file of the type that it belongs to; a
    // longer one has a file of its own.
    private const int LongestCompanion = 20;

    // In pieces, so that this file is not its own breach.
    private static readonly string[] WorkplacePaths = ["/" + "work/", "/" + "root/", "/" + "home/", "C:" + "\\Users"];

    [Fact]
    public void No_file_is_longer_than_500_lines() => AssertNone(SourceFile.CSharpOf("src", "tests", "bench").SelectMany(LengthBreaches));

    [Fact]
    public void A_file_of_src_has_one_public_type() => AssertNone(SourceFile.CSharpOf("src").SelectMany(TypeBreaches));

    [Fact]
    public void No_path_of_one_machine_is_in_the_repository() => AssertNone(SourceFile.All().SelectMany(PathBreaches));

    [Fact]
    public void Only_the_kernel_table_asks_which_instruction_set_there_is() =>
        AssertNone(SourceFile.CSharpOf("src").SelectMany(InstructionSetBreaches));

    [Fact]
    public void A_long_file_is_found()
    {
        Assert.Empty(LengthBreaches(new SourceFile("src/A.cs", string.Concat(Enumerable.Repeat("\n", 499)) + "// 500\n")));
        Assert.Single(LengthBreaches(new SourceFile("src/A.cs", string.Concat(Enumerable.Repeat("\n", 500)) + "// 501\n")));
    }

    [Fact]
    public void A_second_public_type_is_found()
    {
        Assert.Single(TypeBreaches(new SourceFile("src/A.cs", "public sealed class A;\npublic static class B { }\n")));
        Assert.Single(TypeBreaches(new SourceFile("src/A.cs", "public sealed class A\n{\n}\npublic readonly struct B;\n")));
        Assert.Single(TypeBreaches(
            new SourceFile("src/A.cs", "public class A;\npublic enum B\n{\n" + string.Concat(Enumerable.Repeat("    C,\n", 20)) + "}\n")));
        Assert.Empty(TypeBreaches(new SourceFile("src/A.cs",
            "public class A\n{\n    public class Inner { }\n}\npublic readonly record struct B(int C);\ninternal sealed class D;\n")));
    }

    [Fact]
    public void A_path_of_one_machine_is_found() =>
        Assert.Single(PathBreaches(new SourceFile("README.md", $"run it in {WorkplacePaths[0]}main")));

    [Fact]
    public void A_question_for_the_instruction_set_is_found() =>
        Assert.Single(InstructionSetBreaches(new SourceFile("src/AhnSharp/Kernels/Dot.cs", "if (Avx2.IsSupported) { }")));

    // All of them in whole sentences: Assert.Empty would cut them off.
    internal static void AssertNone(IEnumerable<string> breaches)
    {
        string all = string.Join("\n", breaches);
        Assert.True(all.Length == 0, all);
    }

    private static IEnumerable<string> LengthBreaches(SourceFile file)
    {
        if (file.Lines.Length > LongestFile) yield return $"{file.Path}: {file.Lines.Length} lines, at most {LongestFile}";
    }

    private static IEnumerable<string> TypeBreaches(SourceFile file)
    {
        string[] lines = file.Lines;
        var own = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            Match type = PublicType().Match(lines[i]);
            if (!type.Success) continue;
            bool companionKind = type.Groups["kind"].Value is "record" or "enum" or "delegate" or "interface";
            if (!companionKind || LengthFrom(lines, i) > LongestCompanion) own.Add(lines[i].Trim());
        }
        if (own.Count > 1) yield return $"{file.Path}: one public type a file, found {string.Join(" | ", own)}";
    }

    // A declaration ends with a semicolon before any brace, with both braces on one line, or at the next closing brace in column 0.
    private static int LengthFrom(string[] lines, int start)
    {
        int end = start;
        while (end < lines.Length - 1 && !lines[end].TrimEnd().EndsWith(';') && !lines[end].TrimEnd().EndsWith('}')
            && !lines[end].StartsWith('{')) end++;
        if (lines[end].StartsWith('{')) end = Array.FindIndex(lines, end, line => line.StartsWith('}'));
        return (end < 0 ? lines.Length : end + 1) - start;
    }

    private static IEnumerable<string> PathBreaches(SourceFile file) =>
        WorkplacePaths.Where(path => file.Text.Contains(path, StringComparison.Ordinal)).Select(
            path => $"{file.Path}: found {path}, which exists on one machine only");

    private static IEnumerable<string> InstructionSetBreaches(SourceFile file)
    {
        string name = file.Path.Split('/')[^1];
        if (!name.StartsWith("KernelTable", StringComparison.Ordinal) && IsSupported().Match(file.Code) is { Success: true } found)
            yield return $"{file.Path}: found {found.Value}; ask in KernelTable";
    }

    [GeneratedRegex(@"^public (?:\w+ )*?(?<kind>record|class|struct|interface|enum|delegate)\b")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(Sse\w*|Ssse3|Avx\w*|Fma|Bmi\d|AdvSimd|Dp|Arm64|X64|Sve)\.IsSupported\b")]
    private static partial Regex IsSupported();
}
