using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Network;
using Xunit;

namespace AhnSharp.Tests.Reference;

public sealed class ReferenceModelTests
{
    // data/golden holds float64 results rounded to float32: what remains is half a unit in the last place.
    [SharedTheory("data/golden")]
    [InlineData(nameof(HippocampusKind.DeltaNet))]
    [InlineData(nameof(HippocampusKind.GatedDeltaNet))]
    [InlineData(nameof(HippocampusKind.Mamba2))]
    public void Reproduces_the_golden_logits(string kind)
    {
        string folder = Fixture.Shared($"data/golden/tiny-{kind}/");
        Dictionary<string, double[]> weights = GoldenTensors.Read(folder + "base/model.safetensors");
        foreach ((string name, double[] values) in GoldenTensors.Read(folder + "ahn/model.safetensors")) weights[name] = values;
        Dictionary<string, double[]> expected = GoldenTensors.Read(folder + "expected.safetensors");
        int[] ids = [.. expected["ids"].Select(id => (int)id)];
        var model = new ReferenceModel(new ReferenceConfig { Kind = Enum.Parse<HippocampusKind>(kind) }, weights);
        foreach (ReferenceMode mode in Enum.GetValues<ReferenceMode>())
        {
            double[][] logits = model.Logits(ids, mode, window: 48, sinks: 8);
            double error = Errors.RelativeL2(logits.SelectMany(row => row), expected[$"logits_{mode}".ToLowerInvariant()]);
            Assert.True(error <= 1e-7, $"{mode}: relative error {error:e2}, expected 1e-7 or less");
        }
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void The_modes_agree_until_the_window_is_full_and_part_after_it(HippocampusKind kind)
    {
        var config =
            new ReferenceConfig { Vocabulary = 32, Hidden = 16, Ffn = 24, Layers = 2, HeadDim = 8, Kind = kind, TiedEmbeddings = false };
        var model = new ReferenceModel(config, ReferenceWeights.Random(config, 1));
        int[] ids = [.. Enumerable.Range(0, 20).Select(i => i * 7 % 32)];
        double[][] full = model.Logits(ids, ReferenceMode.Full, 5, 3), window = model.Logits(ids, ReferenceMode.Window, 5, 3),
            ahn = model.Logits(ids, ReferenceMode.Ahn, 5, 3);
        for (int t = 0; t < 8; t++)
        {
            Assert.Equal(full[t], window[t]);
            Assert.Equal(full[t], ahn[t]);
        }
        Assert.NotEqual(full[8], window[8]);
        Assert.NotEqual(window[8], ahn[8]);
    }

    [Fact]
    public void Layers_of_full_attention_have_neither_window_nor_memory()
    {
        var config = new ReferenceConfig { Vocabulary = 32, Hidden = 16, Ffn = 24, Layers = 2, HeadDim = 8, FullAttentionLayers = [0, 1] };
        Dictionary<string, double[]> weights = ReferenceWeights.Random(config, 2);
        Assert.DoesNotContain(weights.Keys, name => name.Contains("ahn", StringComparison.Ordinal));
        int[] ids = [.. Enumerable.Range(0, 12)];
        var model = new ReferenceModel(config, weights);
        Assert.Equal(model.Logits(ids, ReferenceMode.Full, 1, 0), model.Logits(ids, ReferenceMode.Ahn, 1, 0));
    }

    [Fact]
    public void Yarn_keeps_the_fast_pairs_and_stretches_the_slow_ones()
    {
        var config = new ReferenceConfig { HeadDim = 128, RopeTheta = 1e6, Yarn = new ReferenceYarn(4, 32768) };
        var plain = new ReferenceRope(config with { Yarn = null });
        var yarn = new ReferenceRope(config);
        double magnitude = 0.1 * Math.Log(4) + 1;

        // Ones in the first half alone: the rotation gives (cos, sin). Qwen2.5: pairs below 23 turn more than 32
        // times, from 40 on less than once.
        foreach ((int pair, long at, long stretched) in new[]
        {
            (0, 1000L, 1000L), (22, 1000L, 1000L), (40, 1000L, 4000L), (63, 1000L, 4000L),
        })
        {
            double[] expected = new double[128], found = new double[128];
            expected[pair] = found[pair] = 1;
            plain.Rotate(expected, at);
            yarn.Rotate(found, stretched);
            Assert.Equal(expected[pair] * magnitude, found[pair], 12);
            Assert.Equal(expected[pair + 64] * magnitude, found[pair + 64], 12);
        }
    }
}
