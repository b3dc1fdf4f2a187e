using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tests.Reference;
using CsCheck;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>
/// The engine against a double-precision, token-by-token statement of the mathematics, over random shapes, windows, sinks and cuts.
/// </summary>
public class ReferenceTests
{
    // Three kinds, of each a plain model, one with a layer of full attention and an untied head, one stretched by YaRN, and a Qwen3.
    private static readonly TinyModel[] s_models =
    [
        .. Enum.GetValues<HippocampusKind>().SelectMany(kind => new[]
        {
            new TinyModel { Kind = kind, Seed = 11 },
            new TinyModel { Kind = kind, Seed = 12, Layers = 3, FullAttentionLayers = [1], Tied = false },
            new TinyModel { Kind = kind, Seed = 13, Heads = 3, KvHeads = 3, HeadDim = 64, Yarn = (4, 64) },
            new TinyModel { Kind = kind, Seed = 14, HeadNorms = true, Heads = 6, HeadDim = 32, Tied = kind != HippocampusKind.Mamba2 },
        }),
    ];

    private static readonly Gen<(int Model, MemoryMode Mode, int Window, int Sinks, int Tokens, int[] Cuts)> s_cases =
        Gen.Select(
            Gen.Int[0, s_models.Length - 1], Gen.Enum<MemoryMode>(), Gen.Int[1, 70], Gen.Int[0, 20], Gen.Int[1, 150],
            Gen.Int[1, 90].Array[1, 8]);

    [Fact]
    public void Equals_the_reference_for_any_window_sinks_and_cuts()
    {
        TinyModelFile[] files = [.. s_models.Select((tiny, i) => new TinyModelFile(tiny, threads: 1 + i % 2, chunk: 24 + 40 * (i % 3)))];
        try
        {
            s_cases.Sample(
                c =>
                {
                    double error = Error(s_models[c.Model], files[c.Model].Model, c.Mode, c.Window, c.Sinks, c.Tokens, c.Cuts);
                    Assert.True(error <= 1e-5, $"relative error {error:e2}");
                },
                seed: "0000aHnShArP", iter: 160, threads: 1);
        }
        finally
        {
            foreach (TinyModelFile file in files) file.Dispose();
        }
    }

    private static double Error(TinyModel tiny, CpuModel model, MemoryMode mode, int window, int sinks, int tokens, int[] cuts)
    {
        int[] ids = SessionTests.Ids(tokens, seed: window * 100 + sinks);
        double[][] expected = Reference(tiny).Logits(ids, Enum.Parse<ReferenceMode>(mode.ToString()), window, sinks);
        using LanguageSession session = model.CreateSession(
            new SessionOptions { Mode = mode, Window = window, Sinks = sinks, Kv = KvType.F32 });
        double difference = 0, size = 0;
        int start = 0;
        for (int i = 0; start < tokens; i++)
        {
            int count = Math.Min(cuts[i % cuts.Length], tokens - start);
            model.Forward(session, ids.AsSpan(start, count), (index, logits) =>
            {
                for (int v = 0; v < logits.Length; v++)
                {
                    difference += Math.Pow(expected[start + index][v] - logits[v], 2);
                    size += Math.Pow(expected[start + index][v], 2);
                }
            });
            start += count;
        }
        return Math.Sqrt(difference / size);
    }

    internal static ReferenceModel Reference(TinyModel tiny)
    {
        Dictionary<string, double[]> weights = tiny.Weights().ToDictionary(w => w.Key, w => w.Value.Select(x => (double)x).ToArray());
        return new ReferenceModel(ConfigOf(tiny), weights);
    }

    internal static ReferenceConfig ConfigOf(TinyModel tiny) => new()
    {
        Vocabulary = tiny.Vocabulary,
        Hidden = tiny.Hidden,
        Ffn = tiny.Ffn,
        Layers = tiny.Layers,
        Heads = tiny.Heads,
        KvHeads = tiny.KvHeads,
        HeadDim = tiny.HeadDim,
        RopeTheta = tiny.Theta,
        NormEpsilon = 1e-6f,
        MemoryNormEpsilon = 1e-5f,
        TiedEmbeddings = tiny.Tied,
        HeadNorms = tiny.HeadNorms,
        Kind = tiny.Kind ?? default,
        FullAttentionLayers = tiny.FullAttentionLayers,
        Yarn = tiny.Yarn is { } yarn ? new ReferenceYarn(yarn.Factor, yarn.Original) : null,
    };
}
