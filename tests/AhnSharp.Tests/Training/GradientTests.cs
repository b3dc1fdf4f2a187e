using System;
using System.Linq;
using AhnSharp.Network;
using AhnSharp.Training;
using Xunit;

namespace AhnSharp.Tests.Training;

/// <summary>The gradient of a whole training step against central differences of the loss in double precision.</summary>
public sealed class GradientTests
{
    public static TheoryData<HippocampusKind, int> Cases
    {
        get
        {
            TheoryData<HippocampusKind, int> cases = [];
            foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
            {
                for (int model = 0; model < 3; model++) cases.Add(kind, model);
            }
            return cases;
        }
    }

    // A Qwen2; a Qwen3 with a head of its own; one stretched by YaRN whose heads fill no whole registers and whose window is one token.
    private static (TinyModel Model, int Tokens, int Window, int Sinks) Of(int model) => model switch
    {
        0 => (new TinyModel { Seed = 21, Layers = 3 }, 100, 17, 5),
        1 => (new TinyModel { Seed = 22, HeadNorms = true, Heads = 6, KvHeads = 2, Tied = false }, 90, 12, 0),
        _ => (new TinyModel { Seed = 23, Heads = 3, KvHeads = 3, HeadDim = 20, Hidden = 60, Yarn = (4, 32) }, 80, 1, 3),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_tensor_equals_central_differences(HippocampusKind kind, int model)
    {
        (TinyModel tiny, int tokens, int window, int sinks) = Of(model);
        using var c = new GradientCase(tiny, kind, tokens, window, sinks);
        (double loss, MemoryParameters gradient) = c.Engine();
        Assert.Equal(c.Loss(Array.ConvertAll(c.Parameters.Values, x => (double)x)), loss, 1e-5 * loss);

        var random = new Random(model);
        foreach ((TensorSpec spec, int start) in c.Parameters.Tensors)
        {
            int count = (int)spec.ElementCount;
            double[] g = new double[gradient.Values.Length], other = new double[g.Length];
            for (int i = start; i < start + count; i++) (g[i], other[i]) = (gradient.Values[i], random.Next(2) * 2 - 1);
            double norm = Math.Sqrt(g.Sum(x => x * x));
            Assert.True(norm > 0, $"{spec.Name}: no gradient at all");
            // Along itself its length must be right, along another direction its share in it: a part that is missing or too much shows in
            // one.
            Check(spec.Name + " along itself", c.Slope([.. g.Select(x => x / norm)]), norm, norm);
            double length = Math.Sqrt(count);
            Check(spec.Name + " along another direction", c.Slope([.. other.Select(x => x / length)]),
                g.Zip(other, (a, b) => a * b / length).Sum(),
                norm);
        }
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Any_number_of_threads_gives_the_same_bits(HippocampusKind kind)
    {
        float[]? expected = null;
        double expectedLoss = 0;
        foreach (int threads in (int[])[1, 2, 3])
        {
            using var c = new GradientCase(new TinyModel { Seed = 31, Layers = 3 }, kind, 333, 40, 8, threads);
            (double loss, MemoryParameters gradient) = c.Engine();
            if (expected is null) (expected, expectedLoss) = (gradient.Values, loss);
            else
            {
                Assert.Equal(expectedLoss, loss);
                Assert.Equal(expected, gradient.Values);
            }
        }
    }

    // The engine's rounding, measured below 1e-5 of a tensor's gradient; what is forgotten or counted twice is some per cent of it.
    private static void Check(string name, double expected, double found, double norm) =>
        Assert.True(Math.Abs(expected - found) <= 3e-5 * norm, $"{name}: expected {expected:e6}, found {found:e6} (norm {norm:e3})");
}
