using System;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Commands;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Conversion;

/// <summary>The files of this repository that were made by the converter are what it makes.</summary>
public sealed class ShippedFilesTests
{
    private static readonly string Demo = Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf");

    [Fact]
    public void The_demo_model_is_what_its_page_says()
    {
        using GgufFile file = GgufFile.Open(Demo);
        InspectReport report = InspectReport.Of(file, null, new SessionOptions());
        Assert.Equal("merged", report.Form);
        Assert.Equal((14_953_856, 233_984), (report.BaseParameters, report.AhnParameters));
        Assert.Equal((480, 32), (report.Window, report.Sinks));
        Assert.Equal(report.WantedFingerprint, report.Fingerprint);
        Assert.All(file.Tensors.Where(tensor => tensor.Name.Contains(".ahn_", StringComparison.Ordinal)),
            tensor => Assert.Equal(tensor.Shape.Length == 1 ? GgmlType.F32 : GgmlType.F16, tensor.Type));
        Assert.Equal([6124, 6122], file.Metadata.GetInt32Array("tokenizer.ggml.eos_token_ids"));
        Assert.DoesNotContain(5, file.Metadata.GetInt32Array("tokenizer.ggml.token_type"));
    }

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
        Assert.True(File.ReadAllBytes(Demo).AsSpan().SequenceEqual(File.ReadAllBytes(path)));
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
