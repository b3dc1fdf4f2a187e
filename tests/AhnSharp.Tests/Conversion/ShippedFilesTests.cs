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

    [SharedFact("data/real/ahn-dn")]
    public void The_memory_for_a_real_model_is_the_conversion_of_its_folder_to_the_byte()
    {
        using TemporaryFolder folder = new();
        (ConversionReport report, string path) = ModelConverterTests.Convert(folder, new()
        {
            AhnFolder = Fixture.Shared("data/real/ahn-dn"),
            Output = "",
            FingerprintFrom = "b37f789023efc842fc75b2203319879bae3086c4faea1f212b85a9baf137b1f1",
            Name = "Qwen2.5-Coder-0.5B-Instruct DeltaNet memory",
        });
        Assert.Equal((1984, 64), (report.Window, report.Sinks));
        string shipped = Path.Combine(Fixture.Repository, "gguf", "ahn-dn-qwen2.5-coder-0.5b-instruct.gguf");
        Assert.True(File.ReadAllBytes(shipped).AsSpan().SequenceEqual(File.ReadAllBytes(path)));
    }

    [Theory]
    [InlineData("B37F789023efc842fc75b2203319879bae3086c4faea1f212b85a9baf137b1f1", true)]
    [InlineData("B37F789023efc842fc75b2203319879bae3086c4faea1f212b85a9baf137b1f", false)]
    public void A_fingerprint_that_is_known_needs_no_base(string fingerprint, bool isOne)
    {
        using TemporaryFolder folder = new();
        ConversionOptions options = new()
        {
            AhnFolder = TinyFolder.Ahn(folder, "deltanet").Write().Path,
            Output = "",
            FingerprintFrom = fingerprint,
        };
        if (isOne) Assert.Equal(fingerprint.ToLowerInvariant(), ModelConverterTests.Convert(folder, options).Report.Fingerprint);
        else Assert.Throws<FileNotFoundException>(() => ModelConverterTests.Convert(folder, options));
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
