using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Kernels;
using AhnSharp.Network;
using Xunit;

namespace AhnSharp.Tests.Hippocampus;

public sealed class UpdateTests
{
    private const double Tolerance = 1e-5; // relative L2, of the outputs and of the state: the bound of docs/memory.md

    public static TheoryData<HippocampusKind, int> KindsAndDims()
    {
        var data = new TheoryData<HippocampusKind, int>();
        foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
        {
            foreach (int dim in new[] { 64, 128, 80, 20 }) data.Add(kind, dim);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(KindsAndDims))]
    public void Chunks_steps_and_random_cuts_equal_the_double_reference(HippocampusKind kind, int dim)
    {
        using var text = new MemoryCase(kind, dim, 700, seed: dim);
        var random = new Random(dim);
        double[] expected = text.Reference(), steps = text.Run([.. Enumerable.Repeat(1, 699)]);
        AssertClose(text, steps, expected, "token by token");
        AssertClose(text, text.Run(), expected, "one call");
        AssertClose(text, text.Run(), steps, "one call against token by token");
        for (int i = 0; i < 8; i++)
        {
            int[] cuts = Cuts(random, 700);
            AssertClose(text, text.Run(cuts), expected, $"cuts {string.Join(' ', cuts)}");
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndDims))]
    public void Writing_alone_leaves_the_bits_of_writing_and_reading(HippocampusKind kind, int dim)
    {
        using var text = new MemoryCase(kind, dim, 150, seed: dim + 1);
        foreach (int piece in (int[])[1, 5, 64, 100])
        {
            float[] read = [.. text.InitialState], written = [.. text.InitialState], o = new float[text.Count * 2 * dim];
            for (int from = 0; from < text.Count; from += piece)
            {
                int count = Math.Min(piece, text.Count - from);
                text.Fold(read, o, from, count);
                text.Write(written, from, count);
            }
            Assert.Equal(read.Select(BitConverter.SingleToInt32Bits), written.Select(BitConverter.SingleToInt32Bits));
            Assert.NotEqual(text.InitialState, written);
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndDims))]
    public void Every_length_equals_the_double_reference(HippocampusKind kind, int dim)
    {
        for (int count = 1; count <= 131; count += count < 20 ? 1 : 3)
        {
            using var text = new MemoryCase(kind, dim, count, seed: count);
            AssertClose(text, text.Run(), text.Reference(), $"{count} tokens");
        }
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void The_portable_products_give_the_same(HippocampusKind kind)
    {
        using var text = new MemoryCase(kind, 64, 150, seed: 5, Isa.Scalar);
        AssertClose(text, text.Run(), text.Reference(), "portable");
        AssertClose(text, text.Run(1, 2, 3, 64), text.Reference(), "portable, cut");
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Gates_at_their_ends_stay_exact_and_finite(HippocampusKind kind)
    {
        (string Name, Func<int, float> Strength, Func<int, float> LogDecay)[] cases =
        [
            ("nothing is written", _ => 0, _ => -0.1f),
            ("everything is written, nothing fades", _ => 1, _ => 0),
            ("almost nothing", _ => 1e-30f, _ => -1e-30f),
            ("all at once forgotten", _ => 0.5f, _ => -50),
            ("a flood between small decays", i => 0.3f + i % 3 * 0.2f, i => i % 40 == 20 ? -50 : -1e-3f),
            ("decays beyond all exponents", _ => 0.5f, i => i % 2 == 0 ? float.MinValue : -0.5f),
        ];
        foreach ((string name, Func<int, float> strength, Func<int, float> logDecay) in cases)
        {
            using var text = new MemoryCase(kind, 64, 200, seed: 9);
            text.SetGates(strength, logDecay);
            double[] expected = text.Reference();
            AssertClose(text, text.Run(), expected, name);
            AssertClose(text, text.Run([.. Enumerable.Repeat(1, 199)]), expected, name + ", recurrent");
            AssertClose(text, text.Run(30, 70), expected, name + ", cut");
        }
    }

    // Δ is all there is for Mamba2: its decay is −Δ·exp(A_log).
    [Fact]
    public void A_huge_step_of_Mamba2_forgets_all_before_it()
    {
        using var text = new MemoryCase(HippocampusKind.Mamba2, 64, 200, seed: 10);
        text.SetGates(i => i % 50 == 25 ? 1e30f : 0.01f, _ => 0);
        AssertClose(text, text.Run(), text.Reference(), "huge steps");
        AssertClose(text, text.Run(1, 3, 40), text.Reference(), "huge steps, cut");
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Zero_tiny_and_repeated_keys_stay_exact(HippocampusKind kind)
    {
        using var text = new MemoryCase(kind, 64, 130, seed: 11);
        int d = text.HeadDim;
        text.Keys.AsSpan(0, 3 * d).Clear();
        text.Queries.AsSpan(0, 2 * d).Clear();
        for (int i = 5 * d; i < 8 * d; i++) text.Keys[i] *= 1e-4f;
        // The hardest case of the substitution: one key again and again, written in full.
        for (int i = 20; i < 110; i++) text.Keys.AsSpan(19 * d, d).CopyTo(text.Keys.AsSpan(i * d));
        text.SetGates(i => i >= 15 ? 1 : 0.5f, _ => -0.01f);
        double[] expected = text.Reference();
        AssertClose(text, text.Run(), expected, "one call");
        AssertClose(text, text.Run([.. Enumerable.Repeat(1, 129)]), expected, "recurrent");
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void A_long_text_does_not_drift(HippocampusKind kind)
    {
        using var text = new MemoryCase(kind, 64, 5000, seed: 12);
        text.SetGates(i => 0.02f + i * 37 % 100 * 0.009f, i => -0.001f * (i * 53 % 97));
        double[] expected = text.Reference();
        AssertClose(text, text.Run(), expected, "one call");
        AssertClose(text, text.Run([.. Enumerable.Repeat(1, 4999)]), expected, "recurrent");
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Folding_allocates_nothing(HippocampusKind kind)
    {
        using var text = new MemoryCase(kind, 128, 200, seed: 13);
        float[] state = new float[128 * 128], o = new float[200 * (128 + 5)];
        Fold();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fold();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Fold()
        {
            text.Fold(state, o, 0, 1);
            text.Fold(state, o, 1, 5);
            text.Fold(state, o, 6, 194);
        }
    }

    [Fact]
    public void No_tokens_change_nothing()
    {
        using var text = new MemoryCase(HippocampusKind.DeltaNet, 64, 4, seed: 14);
        float[] state = [.. text.InitialState];
        text.Fold(state, [], 0, 0);
        Assert.Equal(text.InitialState, state);
    }

    private static void AssertClose(MemoryCase text, double[] found, double[] expected, string what)
    {
        double error = text.Error(found, expected);
        Assert.True(
            error <= Tolerance, $"{text.Kind}, D = {text.HeadDim}, {what}: relative error {error:e2}, expected {Tolerance:e0} or less");
    }

    private static int[] Cuts(Random random, int count)
    {
        var cuts = new List<int>();
        for (int left = count; left > 1;)
        {
            int n = Math.Min(
                left - 1, random.Next(3) switch { 0 => random.Next(1, 12), 1 => random.Next(1, 70), _ => random.Next(1, 300) });
            cuts.Add(n);
            left -= n;
        }
        return [.. cuts];
    }
}
