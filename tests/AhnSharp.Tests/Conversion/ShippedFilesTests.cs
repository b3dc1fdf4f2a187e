using System;
using System.IO;
using AhnSharp.Conversion;
using Xunit;

namespace AhnSharp.Tests.Conversion;

/// <summary>The files of this repository that were made by the converter are what it makes.</summary>
public sealed class ShippedFilesTests
{
    [SharedFact("data/demo")]
    public void The_demo_model_is_the_conversion_of_its_folders_to_the_byte()
    {
        using TemporaryFolder folder = new();
        (ConversionReport report, string path) = ModelConverterTests.Convert(folder, new()
        {
            BaseFolder = Fixture.Shared("data/demo/base"),
            AhnFolder = Fixture.Shared("data/demo/ahn-dn"),
            Output = "",
            Name = "AhnSharp demo",
        });
        Assert.Empty(report.Notes);
        Assert.True(File.ReadAllBytes(DemoQ8.Path).AsSpan().SequenceEqual(File.ReadAllBytes(path)));
    }

    [SharedTheory("data/golden")]
    [InlineData("DeltaNet", "deltanet")]
    [InlineData("GatedDeltaNet", "gated_deltanet")]
    [InlineData("Mamba2", "mamba2")]
    public void The_golden_fixtures_are_conversions_of_their_folders_to_the_byte(string folderName, string kind)
    {
        using TemporaryFolder folder = new();
        string path = ModelConverterTests.Convert(folder, new()
        {
            AhnFolder = Fixture.Shared($"data/golden/tiny-{folderName}/ahn"),
            Output = "",
            Mixture = QuantizationMixture.Get("f32"),
            FingerprintFrom = Fixture.File("golden/base.gguf"),
            Name = $"Golden {kind} memory",
        }).Path;
        Assert.True(File.ReadAllBytes(Fixture.File($"golden/{kind}.gguf")).AsSpan().SequenceEqual(File.ReadAllBytes(path)));
    }
}
