using System.Linq;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Network;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class QuantizationMixtureTests
{
    /// <summary>Sizes in GB (10⁹) as the hubs show them for files that llama.cpp quantized; keys and vocabulary are 6 MB of each.</summary>
    [Theory]
    [InlineData("0.5B", "q4_k_m", 0.398)]
    [InlineData("0.5B", "q8_0", 0.531)]
    [InlineData("1.5B", "q4_k_m", 0.986)]
    [InlineData("1.5B", "q8_0", 1.647)]
    [InlineData("3B", "q4_k_m", 1.930)]
    [InlineData("3B", "q8_0", 3.285)]
    [InlineData("7B", "f16", 15.24)]
    [InlineData("7B", "q8_0", 8.10)]
    [InlineData("7B", "q6_k", 6.25)]
    [InlineData("7B", "q5_k_m", 5.44)]
    [InlineData("7B", "q5_k_s", 5.32)]
    [InlineData("7B", "q4_k_m", 4.68)]
    [InlineData("7B", "q4_k_s", 4.46)]
    [InlineData("7B", "q4_0", 4.43)]
    [InlineData("7B", "q3_k_l", 4.09)]
    [InlineData("7B", "q3_k_m", 3.81)]
    [InlineData("7B", "q3_k_s", 3.49)]
    [InlineData("7B", "q2_k", 3.02)]
    [InlineData("14B", "q4_k_m", 8.99)]
    [InlineData("14B", "q6_k", 12.12)]
    [InlineData("14B", "q8_0", 15.70)]
    [InlineData("32B", "q4_k_m", 19.85)]
    [InlineData("72B", "q4_k_m", 47.42)]
    public void Files_have_the_sizes_of_the_published_ones(string shape, string type, double gigabytes)
    {
        ModelConfig c = QwenShape.Get(shape);
        Assert.True(QuantizationMixture.TryGet(type, out QuantizationMixture? mixture));
        long bytes = 6_000_000 + new NetworkTensors(c).Base.Sum(
            row => mixture.Choose(c, row.Name, row.Shape.Length, row.RowLength).Type.RowBytes(row.ElementCount));
        Assert.InRange(bytes / 1e9, gigabytes * 0.995, gigabytes * 1.005);
    }

    [Fact]
    public void The_better_layers_of_q4_k_m_are_llama_cpps()
    {
        ModelConfig c = QwenShape.Get("7B");
        Assert.True(QuantizationMixture.TryGet("Q4_K", out QuantizationMixture? mixture));
        int[] better =
            [.. Enumerable.Range(0, 28).Where(n => mixture.Choose(c, $"blk.{n}.ffn_down.weight", 2, c.FfnSize).Type == GgmlType.Q6_K)];
        Assert.Equal([0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26, 27], better);
        Assert.Equal(
            better, Enumerable.Range(0, 28).Where(n => mixture.Choose(c, $"blk.{n}.attn_v.weight", 2, c.HiddenSize).Type == GgmlType.Q6_K));
        Assert.Equal(GgmlType.Q6_K, mixture.Choose(c, "output.weight", 2, c.HiddenSize).Type);
        Assert.Equal(GgmlType.Q4_K, mixture.Choose(c, "token_embd.weight", 2, c.HiddenSize).Type);
        Assert.Equal(GgmlType.F32, mixture.Choose(c, "blk.0.attn_q.bias", 1, c.HiddenSize).Type);
        Assert.Equal(GgmlType.F16, mixture.Choose(c, "blk.0.ahn_out.weight", 3, 128).Type);
    }

    [Fact]
    public void Rows_that_are_no_multiple_of_256_fall_back()
    {
        ModelConfig half = QwenShape.Get("0.5B"), largest = QwenShape.Get("72B");
        GgmlType Type(ModelConfig c, string mixture, string tensor, long rowLength) =>
            QuantizationMixture.TryGet(mixture,
                out QuantizationMixture? found) ? found.Choose(c, tensor, 2, rowLength).Type : throw new System.ArgumentException(mixture);
        Assert.Equal(GgmlType.Q8_0, Type(half, "q4_k_m", "token_embd.weight", 896));
        Assert.Equal(GgmlType.Q5_0, Type(half, "q4_k_m", "blk.9.attn_q.weight", 896));
        Assert.Equal(GgmlType.Q5_1, Type(half, "q5_k_m", "blk.9.attn_q.weight", 896));
        Assert.Equal(GgmlType.Q8_0, Type(half, "q6_k", "blk.9.attn_q.weight", 896));
        Assert.Equal(GgmlType.IQ4_NL, Type(half, "iq4_xs", "blk.9.attn_q.weight", 896));
        Assert.Equal(GgmlType.Q4_0, Type(half, "q2_k", "blk.9.attn_q.weight", 896));
        Assert.Equal(GgmlType.Q5_0, Type(largest, "q4_k_m", "blk.11.ffn_down.weight", 29568));
        Assert.Equal(GgmlType.Q5_K, Type(largest, "q4_k_m", "blk.11.attn_v.weight", 8192));
    }
}
