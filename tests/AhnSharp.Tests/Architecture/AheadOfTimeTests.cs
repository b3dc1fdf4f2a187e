using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Tests.Architecture;

/// <summary>
/// What may go into an image that is compiled ahead of time: every project says that it can, and no warning of the trimmer or of the
/// compiler of images, which are errors, is silenced.
/// </summary>
/// <remarks>
/// So nothing asks reflection for what the trimmer may have taken, JSON included. That compiler is who looks: at all that is public in
/// tests/packages/run, which keeps the libraries whole, at the commands in tests/images/run. No analyzer does so beside a build.
/// </remarks>
public sealed partial class AheadOfTimeTests
{
    // Kernels for graphics processors are written by ILGPU while the program runs: for builds that compile while they run alone. Orleans
    // finds its parts by reflection: in a program of its own, which nothing else depends on.
    private static readonly string[] JitOnly = ["src/AhnSharp.Gpu/", "src/AhnSharp.Cluster/"];

    private static IEnumerable<SourceFile> Sources =>
        SourceFile.All().Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)
            && !JitOnly.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)));

    [Fact]
    public void Every_project_of_src_says_that_it_can_be_trimmed_and_compiled_ahead_of_time()
    {
        SourceFile[] projects = [.. Sources.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal))];
        Assert.NotEmpty(projects);
        FileShapeTests.AssertNone(projects.SelectMany(ProjectBreaches));
    }

    [Fact]
    public void No_warning_of_the_trimmer_or_of_AOT_is_silenced() => FileShapeTests.AssertNone(Sources.SelectMany(SilenceBreaches));

    [Fact]
    public void A_project_that_does_not_say_so_is_found() =>
        Assert.Single(ProjectBreaches(new SourceFile("src/A/A.csproj", "<Project></Project>")));

    [Theory]
    [InlineData("src/A.csproj", "<NoWarn>IL2026</NoWarn>")]
    [InlineData("src/A.cs", "#pragma warning disable IL3050")]
    [InlineData("src/A.cs", "[UnconditionalSuppressMessage(\"Trimming\", \"none\")]")]
    public void A_silenced_warning_is_found(string path, string text) => Assert.Single(SilenceBreaches(new SourceFile(path, text)));

    private static IEnumerable<string> ProjectBreaches(SourceFile file)
    {
        if (!file.Text.Contains("<IsAotCompatible>true</IsAotCompatible>", StringComparison.Ordinal))
            yield return $"{file.Path}: expected <IsAotCompatible>true</IsAotCompatible>";
    }

    private static IEnumerable<string> SilenceBreaches(SourceFile file)
    {
        if (Silence().Match(file.Text) is { Success: true } found)
            yield return $"{file.Path}: found {found.Value}; write it so that the warning has no cause";
    }

    [GeneratedRegex(@"\bIL[23]\d{3}\b|\bUnconditionalSuppressMessage\b")]
    private static partial Regex Silence();
}
