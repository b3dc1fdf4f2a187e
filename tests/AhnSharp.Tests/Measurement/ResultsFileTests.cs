using System.IO;
using AhnSharp.Measurement;
using Xunit;

namespace AhnSharp.Tests.Measurement;

public sealed class ResultsFileTests
{
    [Fact]
    public void A_section_is_appended_replaced_and_leaves_its_neighbours()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("cpu.md");
        File.WriteAllText(path, "# Matrix kernels\n\n| a |\n");
        ResultsFile.Replace(path, "One", "first\n");
        ResultsFile.Replace(path, "Two", "second");
        Assert.Equal("# Matrix kernels\n\n| a |\n\n## One\n\nfirst\n\n## Two\n\nsecond\n", File.ReadAllText(path).ReplaceLineEndings("\n"));
        ResultsFile.Replace(path, "One", "other\n\n### inner\n");
        Assert.Equal("# Matrix kernels\n\n| a |\n\n## One\n\nother\n\n### inner\n\n## Two\n\nsecond\n",
            File.ReadAllText(path).ReplaceLineEndings("\n"));
        ResultsFile.Replace(path, "Two", "new");
        Assert.EndsWith("### inner\n\n## Two\n\nnew\n", File.ReadAllText(path).ReplaceLineEndings("\n"), System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_begun_with_the_machine()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("new.md");
        ResultsFile.Replace(path, "One", "first");
        Assert.StartsWith("# Measured on ", File.ReadAllText(path), System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AMD EPYC 9354", "amd-epyc-9354.md")]
    [InlineData("Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", "intel-r-core-tm-i7-1165g7-2-80ghz.md")]
    [InlineData("***", "unknown.md")]
    public void Files_are_named_by_the_processor(string cpu, string name) => Assert.Equal(name, ResultsFile.FileNameOf(cpu));
}
