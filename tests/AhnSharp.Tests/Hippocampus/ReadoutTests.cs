using System;
using System.Linq;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;
using Xunit;
using CompressedMemory = AhnSharp.Hippocampus.Hippocampus;

namespace AhnSharp.Tests.Hippocampus;

public sealed class ReadoutTests
{
    [Theory]
    [InlineData(HippocampusKind.DeltaNet, 64)]
    [InlineData(HippocampusKind.GatedDeltaNet, 128)]
    [InlineData(HippocampusKind.Mamba2, 64)]
    [InlineData(HippocampusKind.Mamba2, 20)]
    public void Norm_gate_and_projection_equal_double(HippocampusKind kind, int d)
    {
        const int heads = 3, rows = 7, stride = 5;
        var random = new Random(d);
        HippocampusWeights weights = MemoryCase.RandomWeights(kind, heads, d, 8, random);
        using var workers = new Workers(1);
        using CompressedMemory memory = CompressedMemory.Create(MemoryRule.Of(kind), heads, d, 8, weights, KernelTable.Gemm, workers);
        int width = heads * d + stride;
        float[] o = MemoryCase.Normals(random, rows * width, 0.1), gates = MemoryCase.Normals(random, rows * heads, 1),
            a = MemoryCase.Normals(random, rows * width, 1);
        double[] y = new double[rows * width], expected = Array.ConvertAll(a, x => (double)x);
        for (int r = 0; r < rows; r++)
        {
            Normed(kind, o.AsSpan(r * width, heads * d), gates.AsSpan(r * heads, heads), weights, d).CopyTo(y, r * width);
            for (int column = 0; column < heads * d; column++)
            {
                int head = column / d;
                for (int i = 0; i < d; i++)
                    expected[r * width + column] += y[r * width + head * d + i] * weights.Out[(head * d + i) * d + column % d];
            }
            memory.NormAndGate(o.AsSpan(r * width, heads * d), gates.AsSpan(r * heads, heads));
            o.AsSpan(r * width + heads * d, stride).Clear();
        }
        Assert.True(Errors.RelativeL2(o, y) < 1e-6);

        for (int head = 0; head < heads; head++)
        {
            memory.Project(head, o.AsSpan(head * d), width, a.AsSpan(head * d), width, rows);
            memory.Project(head, o.AsSpan(head * d), width, a.AsSpan(head * d), width, 0);
        }
        Assert.True(Errors.RelativeL2(a, expected) < 1e-6);
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void A_memory_that_read_nothing_gives_zeros(HippocampusKind kind)
    {
        HippocampusWeights weights = MemoryCase.RandomWeights(kind, 2, 16, 8, new Random(1));
        using var workers = new Workers(1);
        using CompressedMemory memory = CompressedMemory.Create(MemoryRule.Of(kind), 2, 16, 8, weights, KernelTable.Gemm, workers);
        float[] o = new float[32];
        memory.NormAndGate(o, [1, -1]);
        Assert.All(o, x => Assert.Equal(0, x));
    }

    [Fact]
    public void Weights_of_another_size_are_refused_by_name()
    {
        HippocampusWeights good = MemoryCase.RandomWeights(HippocampusKind.GatedDeltaNet, 2, 16, 8, new Random(1));
        using var workers = new Workers(1);
        (HippocampusWeights Weights, string Message)[] cases =
        [
            (good with { Alpha = null }, "Alpha of a GatedDeltaNet memory: expected 16 numbers, found none."),
            (good with { Norm = new float[32] }, "Norm of a GatedDeltaNet memory: expected 16 numbers, found 32 numbers."),
            (good with { GateBias = new float[2] }, "GateBias of a GatedDeltaNet memory: expected none, found 2 numbers."),
            (good with { NormEpsilon = float.NaN },
                "NormEpsilon of a GatedDeltaNet memory: expected a finite number, 0 or more, found NaN."),
        ];
        foreach ((HippocampusWeights weights, string message) in cases)
        {
            ArgumentException error = Assert.Throws<ArgumentException>(
                () => CompressedMemory.Create(MemoryRule.Of(HippocampusKind.GatedDeltaNet), 2, 16, 8, weights, KernelTable.Gemm, workers));
            Assert.Equal(message, error.Message);
        }
    }

    private static double[] Normed(HippocampusKind kind, Span<float> o, Span<float> gates, HippocampusWeights weights, int d)
    {
        double[] y = Array.ConvertAll(o.ToArray(), x => (double)x);
        bool mamba = kind == HippocampusKind.Mamba2;
        for (int i = 0; mamba && i < y.Length; i++) y[i] *= gates[i / d];
        int group = mamba ? y.Length : d;
        for (int start = 0; start < y.Length; start += group)
        {
            double mean = y.Skip(start).Take(group).Sum(x => x * x) / group;
            for (int i = start; i < start + group; i++) y[i] *= weights.Norm[i - start] / Math.Sqrt(mean + 1e-5);
        }
        for (int i = 0; !mamba && i < y.Length; i++) y[i] *= gates[i / d];
        return y;
    }
}
