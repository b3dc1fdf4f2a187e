using System;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;
using Xunit;
using CompressedMemory = AhnSharp.Hippocampus.Hippocampus;

namespace AhnSharp.Tests.Hippocampus;

public sealed class GateTests
{
    private const double Product = 2e-5; // rounding of a product of 48 terms of size 1, times slopes up to exp(A_log)

    [Theory]
    [InlineData(HippocampusKind.DeltaNet, 1)]
    [InlineData(HippocampusKind.GatedDeltaNet, 2)]
    [InlineData(HippocampusKind.Mamba2, 1)]
    public void Gates_equal_their_formulas(HippocampusKind kind, int writeGates)
    {
        const int heads = 5, hidden = 48, tokens = 9;
        var random = new Random(3);
        HippocampusWeights weights = MemoryCase.RandomWeights(kind, heads, 16, hidden, random);
        using var workers = new Workers(2);
        using CompressedMemory memory = CompressedMemory.Create(MemoryRule.Of(kind), heads, 16, hidden, weights, KernelTable.Gemm, workers);
        Assert.Equal((kind, heads, 16, writeGates), (memory.Rule.Kind, memory.Heads, memory.HeadDim, memory.WriteGatesPerHead));

        Activations normed = new(), gates = new();
        normed.Reshape(tokens, hidden);
        MemoryCase.Normals(random, tokens * hidden, 1).CopyTo(normed.Values);
        memory.ComputeGates(workers, normed, gates);

        Assert.Equal((tokens, (writeGates + 1) * heads), (gates.Rows, gates.Columns));
        for (int t = 0; t < tokens; t++)
        {
            for (int h = 0; h < heads; h++)
            {
                double written = Dot(weights.Beta, h, normed.Row(t)),
                    read = Dot(weights.Gate, h, normed.Row(t)) + (weights.GateBias?[h] ?? 0);
                Close(
                    kind == HippocampusKind.Mamba2 ? SoftplusOf(written + weights.DtBias![h]) : Sigmoid(written), gates.Row(t)[h], Product);
                if (kind == HippocampusKind.GatedDeltaNet)
                {
                    double decay = -Math.Exp(weights.ALog![h]) * SoftplusOf(Dot(weights.Alpha!, h, normed.Row(t)) + weights.DtBias![h]);
                    Close(decay, gates.Row(t)[heads + h], Product);
                }
                Close(read * Sigmoid(read), gates.Row(t)[writeGates * heads + h], Product);
            }
        }
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Gates_of_any_product_are_finite_and_exact(HippocampusKind kind)
    {
        // E = 1 and weights of 1: the hidden state is the product itself.
        float[] inputs = [-1e30f, -1000, -104, -88, -40, -20, -15, -10, -1, -1e-3f, 0, 1e-3f, 1, 10, 20, 88, 104, 1000, 1e30f];
        HippocampusWeights weights = MemoryCase.RandomWeights(kind, 1, 4, 1, new Random(1));
        weights = weights with
        {
            Beta = [1],
            Gate = [1],
            Alpha = weights.Alpha is null ? null : [1],
            DtBias = weights.DtBias is null ? null : [0],
        };
        if (weights.GateBias is not null) weights = weights with { GateBias = [0] };
        using var workers = new Workers(1);
        using CompressedMemory memory = CompressedMemory.Create(MemoryRule.Of(kind), 1, 4, 1, weights, KernelTable.Gemm, workers);
        Activations normed = new(), gates = new();
        normed.Reshape(inputs.Length, 1);
        inputs.CopyTo(normed.Values);
        memory.ComputeGates(workers, normed, gates);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.All(gates.Row(i).ToArray(), gate => Assert.True(float.IsFinite(gate), $"gate {gate} of {inputs[i]}"));
            Close(kind == HippocampusKind.Mamba2 ? SoftplusOf(inputs[i]) : Sigmoid(inputs[i]), gates.Row(i)[0]);
            if (kind == HippocampusKind.GatedDeltaNet) Close(-Math.Exp(weights.ALog![0]) * SoftplusOf(inputs[i]), gates.Row(i)[1]);
            Close(inputs[i] * Sigmoid(inputs[i]), gates.Row(i)[^1]);
        }
    }

    // Relative, but for numbers below the smallest normal float and for what the products before the gates lose.
    private static void Close(double expected, float found, double absolute = 1e-37) =>
        Assert.True(Math.Abs(expected - found) <= 2e-6 * Math.Abs(expected) + absolute, $"expected {expected:r}, found {found:r}");

    private static double Dot(float[] rows, int row, Span<float> x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += (double)rows[row * x.Length + i] * x[i];
        return sum;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double SoftplusOf(double x) => x < -30 ? Math.Exp(x) : Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
