using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Gpu.Model;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Testing;

namespace AhnSharp.Gpu.Checks;

/// <summary>Rings of every type, attention over them and the three memories, in whole passes of tiny models against the engine's.</summary>
/// <remarks>
/// Weights are f32, so that what differs is what the kernels do. The window is left several times, by steps, by chunks and by both.
/// </remarks>
public static class MemoryChecks
{
    private static readonly (string Name, int[] Pieces)[] Cuts =
        [("steps", [1]), ("chunks of 64", [64]), ("pieces of 1, 9, 30", [1, 9, 30])];

    public static IEnumerable<Check> Of(CheckedDevice device)
    {
        foreach (HippocampusKind? kind in new HippocampusKind?[]
        {
            HippocampusKind.DeltaNet, HippocampusKind.GatedDeltaNet, HippocampusKind.Mamba2,
        })
        {
            foreach ((string cut, int[] pieces) in Cuts)
            {
                yield return new Check($"{kind}, {cut}, on {device.Name}", null, () =>
                    Compare(device, new TinyModel { Kind = kind, Seed = 11, Vocabulary = 64 }, MemoryMode.Ahn, KvType.F32, 40, 4, pieces));
            }
        }
        foreach (KvType kv in Enum.GetValues<KvType>())
            yield return new Check($"keys and values of {kv} on {device.Name}", null, () => Compare(device, new TinyModel
            {
                Kind = HippocampusKind.GatedDeltaNet,
                Seed = 12,
                Heads = 3,
                KvHeads = 3,
                HeadDim = 64,
                Tied = false,
            }, MemoryMode.Ahn, kv, 30, 3, [17, 1]));
        yield return new Check($"full, with YaRN, on {device.Name}", null,
            () => Compare(device, new TinyModel { Seed = 13, Yarn = (4, 64) }, MemoryMode.Full, KvType.F16, 1, 0, [50, 1]));
        yield return new Check($"window without sinks on {device.Name}", null,
            () => Compare(device, new TinyModel { Seed = 14 }, MemoryMode.Window, KvType.F16, 25, 0, [40, 1]));
        yield return new Check($"a layer of full attention on {device.Name}", null, () => Compare(device, new TinyModel
        {
            Kind = HippocampusKind.DeltaNet,
            Seed = 15,
            Layers = 3,
            FullAttentionLayers = [1],
        }, MemoryMode.Ahn, KvType.F16, 20, 5, [64, 1]));
        yield return new Check($"a model over two accelerators on {device.Name}", null, () => Compare(device,
            new TinyModel { Kind = HippocampusKind.Mamba2, Seed = 16, Layers = 3 }, MemoryMode.Ahn, KvType.F16, 20, 5, [64, 1], stages: 2));
    }

    private static void Compare(
        CheckedDevice device, TinyModel tiny, MemoryMode mode, KvType kv, int window, int sinks, int[] pieces, int stages = 1)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-gpu-{Guid.NewGuid():N}.gguf");
        tiny.Write(path);
        try
        {
            using CpuModel here = CpuModel.Load(path, null, new ModelOptions { Threads = 1, ChunkTokens = 64 });
            using GpuModel there = device.Load(path, chunkTokens: 64, stages: stages);
            var options = new SessionOptions
            {
                Mode = mode,
                Kv = kv,
                Window = mode == MemoryMode.Full ? null : window,
                Sinks = mode == MemoryMode.Full ? null : sinks,
            };
            using LanguageSession expected = here.CreateSession(options);
            using LanguageSession found = there.CreateSession(options);
            int[] ids = Ids(150, tiny.Vocabulary);
            List<float> wanted = [], given = [];
            for (int start = 0, i = 0; start < ids.Length; i++)
            {
                int count = Math.Min(pieces[i % pieces.Length], ids.Length - start);
                here.Forward(expected, ids.AsSpan(start, count), (_, logits) => wanted.AddRange(logits));
                there.Forward(found, ids.AsSpan(start, count), (_, logits) => given.AddRange(logits));
                start += count;
            }
            // A key that both sides round to another of 127 steps moves a Q8_0 result further than the arithmetic does.
            double most = kv == KvType.Q8_0 ? 1e-5 : kv == KvType.F16 ? 1e-6 : 1e-9;
            Measure.Demand(CollectionsMarshal.AsSpan(given), CollectionsMarshal.AsSpan(wanted), most, "logits of all tokens");
            if (found.LastLogits.SequenceEqual(CollectionsMarshal.AsSpan(given)[^found.LastLogits.Length..]) is false
                || found.Position != ids.Length) throw new CheckFailedException("the session does not stand behind what it was fed");
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static int[] Ids(int count, int vocabulary)
    {
        Random random = new(77);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
