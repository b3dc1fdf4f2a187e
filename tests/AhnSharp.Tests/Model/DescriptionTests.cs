using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Reference;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>The numbers of <see cref="LanguageSession.Describe"/> against the double-precision statement of the mathematics.</summary>
public class DescriptionTests
{
    private const int W = 40, S = 4;

    public static TheoryData<HippocampusKind, int> KindsAndTokens
    {
        get
        {
            TheoryData<HippocampusKind, int> cases = [];
            foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
            {
                foreach (int tokens in new[] { 150, 45, 30, 3 }) cases.Add(kind, tokens);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndTokens))]
    public void Norms_and_gates_are_those_of_the_reference(HippocampusKind kind, int tokens)
    {
        TinyModel tiny = new() { Kind = kind, Layers = 3, FullAttentionLayers = [1] };
        using var file = new TinyModelFile(tiny, chunk: 32);
        int[] ids = SessionTests.Ids(tokens, seed: 6);
        using LanguageSession session = file.Model.CreateSession(new SessionOptions { Window = W, Sinks = S, Kv = KvType.F32 });
        file.Model.Forward(session, ids);
        ReferenceModel reference = ReferenceTests.Reference(tiny);
        reference.Logits(ids, ReferenceMode.Ahn, W, S);
        SessionDescription description = session.Describe();
        Compare(reference, description, tokens, W, S);
        Same(description, FromFile(session));
        Assert.Empty(description.Layers[1].Heads);
        Assert.Equal([false, true, false], description.Layers.Select(layer => layer.KeepsEverything));
        Assert.Equal(session.StateBytes, description.ExactBytes + description.MemoryBytes);
        Assert.Equal(description.ExactBytes, description.Layers.Sum(layer => layer.ExactBytes));
        Assert.Equal(2 * tiny.Heads * tiny.HeadDim * tiny.HeadDim * 4, description.MemoryBytes);
    }

    [SharedTheory("data/golden")]
    [InlineData(nameof(HippocampusKind.DeltaNet), "deltanet")]
    [InlineData(nameof(HippocampusKind.GatedDeltaNet), "gated_deltanet")]
    [InlineData(nameof(HippocampusKind.Mamba2), "mamba2")]
    public void Norms_and_gates_of_the_golden_models_are_those_of_the_reference(string kind, string adapter)
    {
        // The fixtures put all three memories beside one base, that of the first.
        string folder = Fixture.Shared($"data/golden/tiny-{kind}/");
        Dictionary<string, double[]> weights = GoldenTensors.Read(Fixture.Shared("data/golden/tiny-DeltaNet/base/model.safetensors"));
        foreach ((string name, double[] values) in GoldenTensors.Read(folder + "ahn/model.safetensors")) weights[name] = values;
        int[] ids = [.. GoldenTensors.Read(folder + "expected.safetensors")["ids"].Take(70).Select(id => (int)id)];
        ReferenceModel reference = new(new ReferenceConfig { Kind = Enum.Parse<HippocampusKind>(kind) }, weights);
        reference.Logits(ids, ReferenceMode.Ahn, 48, 8);
        using CpuModel model = CpuModel.Load(
            Fixture.File("golden/base.gguf"), Fixture.File($"golden/{adapter}.gguf"), new ModelOptions { Threads = 1 });
        using LanguageSession session = model.CreateSession(new SessionOptions { Window = 48, Sinks = 8, Kv = KvType.F32 });
        model.Forward(session, ids);
        Compare(reference, session.Describe(), ids.Length, 48, 8);
    }

    [Fact]
    public void Sessions_without_a_memory_have_no_heads()
    {
        using var file = new TinyModelFile(new TinyModel { Kind = HippocampusKind.Mamba2 });
        foreach (MemoryMode mode in new[] { MemoryMode.Full, MemoryMode.Window })
        {
            using LanguageSession session = file.Model.CreateSession(new SessionOptions { Mode = mode, Window = W, Sinks = S });
            file.Model.Forward(session, SessionTests.Ids(100, 3));
            SessionDescription description = session.Describe();
            Assert.Null(description.Rule);
            Assert.Equal((0, 0), (description.MemoryBytes, description.GateTokens));
            Assert.All(description.Layers, layer => Assert.Empty(layer.Heads));
            Assert.Equal((session.Tally.Exact, session.Tally.Dropped, 100L),
                (description.Tally.Exact, description.Tally.Dropped, description.Tally.Seen));
            Same(description, FromFile(session));
        }
    }

    private static SessionDescription FromFile(LanguageSession session)
    {
        using MemoryStream bytes = new();
        session.Save(bytes);
        bytes.Position = 0;
        using SnapshotFile file = SnapshotFile.Open(bytes);
        return file.Describe();
    }

    private static void Same(SessionDescription expected, SessionDescription found)
    {
        Assert.Equal(expected with { Layers = [] }, found with { Layers = [] });
        Assert.Equal(expected.Layers.Select(layer => layer with { Heads = [] }), found.Layers.Select(layer => layer with { Heads = [] }));
        Assert.Equal(expected.Layers.SelectMany(layer => layer.Heads), found.Layers.SelectMany(layer => layer.Heads));
    }

    private static void Compare(ReferenceModel reference, SessionDescription description, int tokens, int window, int sinks)
    {
        int first = Math.Max(sinks, tokens - window), held = Math.Max(0, tokens - first);
        Assert.Equal(held, description.GateTokens);
        bool decays = description.Rule?.Kind != HippocampusKind.DeltaNet;
        foreach (LayerDescription layer in description.Layers.Where(layer => layer.Heads.Count > 0))
        {
            ReferenceModel.LayerState state = reference.Layers[layer.Layer];
            (double[] Strengths, double[] LogDecays)[] gates =
                [.. state.Hidden.Skip(first).Select(hidden => reference.WriteGates($"model.layers.{layer.Layer}.ahn.fn.", hidden))];
            for (int head = 0; head < layer.Heads.Count; head++)
            {
                MemoryHeadDescription found = layer.Heads[head];
                Near(Math.Sqrt(state.Memories[head].State.Sum(x => x * x)), found.Norm);
                Assert.Equal(tokens > window + sinks, found.Norm > 0);
                if (held == 0)
                {
                    Assert.Equal((null, null, null), (found.WriteStrength, found.LogDecay, found.EffectiveTokens));
                    continue;
                }
                Near(gates.Average(gate => gate.Strengths[head]), found.WriteStrength!.Value);
                if (decays)
                {
                    double logDecay = gates.Average(gate => gate.LogDecays[head]);
                    Near(logDecay, found.LogDecay!.Value);
                    // A write decays by e^g a token: after this many it is 1/e.
                    Near(Math.Exp(-1), Math.Exp(logDecay * found.EffectiveTokens!.Value));
                }
                else Assert.Equal((null, null), (found.LogDecay, found.EffectiveTokens));
            }
        }
    }

    private static void Near(double expected, double found) =>
        Assert.True(Math.Abs(expected - found) <= 1e-5 * Math.Abs(expected), $"expected {expected:g9}, found {found:g9}");
}
