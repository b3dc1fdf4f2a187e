using System;
using System.Linq;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class InspectReportTests
{
    [Fact]
    public void The_demo_model_is_what_its_page_says()
    {
        using GgufFile file = GgufFile.Open(DemoQ8.Path);
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

    /// <summary>
    /// The counts of the published checkpoints, to the digits that their paper gives; GatedDeltaNet's unused D counts there.
    /// </summary>
    [Theory]
    [InlineData("3B", "deltanet", "11.8M")]
    [InlineData("3B", "gated_deltanet", "13.0M")]
    [InlineData("3B", "mamba2", "11.9M")]
    [InlineData("7B", "deltanet", "18.5M")]
    [InlineData("7B", "gated_deltanet", "21.3M")]
    [InlineData("7B", "mamba2", "18.6M")]
    [InlineData("14B", "deltanet", "51.1M")]
    [InlineData("14B", "gated_deltanet", "61.0M")]
    [InlineData("14B", "mamba2", "51.4M")]
    public void Memories_of_the_published_shapes_convert_and_inspect_to_their_parameter_counts(string shape, string kind, string expected)
    {
        using TemporaryFolder folder = new();
        SyntheticModel model = SyntheticModel.Create(shape, MemoryRule.OfWord(kind), 0);
        model.WriteHuggingFace(folder.Path, GgmlType.BF16, includeBase: false);
        ConversionReport report = ModelConverter.Convert(
            new() { AhnFolder = folder.PathOf("ahn"), Output = folder.PathOf("ahn.gguf"), Mixture = QuantizationMixture.Get("bf16") });
        Assert.Equal(expected, ByteProgress.Count(report.AhnParameters));
        Assert.Equal((AhnConfig.DefaultWindow, AhnConfig.DefaultSinks), (report.Window, report.Sinks));

        using GgufFile file = GgufFile.Open(folder.PathOf("ahn.gguf"));
        InspectReport inspected = InspectReport.Of(file, null, new SessionOptions());
        Assert.Equal("adapter", inspected.Form);
        Assert.Equal(expected, ByteProgress.Count(inspected.AhnParameters));
        Assert.Equal(4L * model.Config.LayerCount * model.Config.HeadCount * 128 * 128, inspected.MemoryStateBytes);
    }
}
