using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using AhnSharp.Gguf;
using AhnSharp.Quants;
using Xunit;

namespace AhnSharp.Tests.Quants;

/// <summary>The error of each encoder against that of ggml's on the same weights, Fixtures/ggml-quantization-error.md.</summary>
public sealed class QuantizationErrorTests
{
    private static readonly Lazy<JsonDocument> Ggml = new(
        () => JsonDocument.Parse(File.ReadAllText(Fixture.File("ggml-quantization-error.json"))));

    public static TheoryData<string> Tensors => [.. SeededTensor.All.Select(tensor => tensor.Name)];

    [Theory]
    [MemberData(nameof(Tensors))]
    public void No_format_is_worse_than_102_percent_of_ggml(string name)
    {
        SeededTensor tensor = SeededTensor.All.Single(candidate => candidate.Name == name);
        JsonElement golden = Ggml.Value.RootElement.GetProperty("tensors").EnumerateArray().Single(
            candidate => candidate.GetProperty("name").GetString() == name);
        Assert.Equal(golden.GetProperty("sha256").GetString(), Convert.ToHexStringLower(
            SHA256.HashData(MemoryMarshal.AsBytes(tensor.Weights.AsSpan()))));
        List<string> worse = [];
        foreach (JsonProperty rmse in golden.GetProperty("rmse").EnumerateObject())
        {
            GgmlType type = GgmlTypes.Parse(rmse.Name);
            double found = Rmse(type, tensor.Weights), theirs = rmse.Value.GetDouble();
            if (!(found <= 1.02 * theirs)) worse.Add($"{type}: {found:G6} against ggml's {theirs:G6}, {found / theirs:0.000} ×");
        }
        Assert.Empty(worse);
    }

    [Fact]
    public void The_fixture_has_every_tensor_and_every_block_format_that_is_written()
    {
        JsonElement[] tensors = [.. Ggml.Value.RootElement.GetProperty("tensors").EnumerateArray()];
        Assert.Equal(SeededTensor.All.Select(tensor => tensor.Name), tensors.Select(tensor => tensor.GetProperty("name").GetString()));
        IEnumerable<string> written = Enum.GetValues<GgmlType>()
            .Where(type => Quantization.IsWritable(type) && type.BlockLength() > 1).Select(type => type.ToString());
        foreach (JsonElement tensor in tensors)
            Assert.Equal(written.Order(), tensor.GetProperty("rmse").EnumerateObject().Select(rmse => rmse.Name).Order());
    }

    private static double Rmse(GgmlType type, float[] weights)
    {
        byte[] blocks = new byte[type.RowBytes(weights.Length)];
        float[] back = new float[weights.Length];
        Quantization.Quantize(type, weights, blocks);
        Quantization.Dequantize(type, blocks, back);
        double sum = 0;
        for (int i = 0; i < back.Length; i++) sum += ((double)weights[i] - back[i]) * ((double)weights[i] - back[i]);
        return Math.Sqrt(sum / back.Length);
    }
}
