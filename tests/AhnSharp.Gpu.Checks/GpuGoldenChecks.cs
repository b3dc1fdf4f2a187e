using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Gpu.Model;
using AhnSharp.Model;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Checks;

/// <summary>The whole network against logits that a double-precision statement of the mathematics gave: relative L2 error ≤ 1e-4.</summary>
public static class GpuGoldenChecks
{
    public static IEnumerable<Check> Of(CheckedDevice device)
    {
        yield return Golden(device, "full", MemoryMode.Full, null);
        yield return Golden(device, "window", MemoryMode.Window, null);
        foreach (string kind in GoldenModel.Kinds) yield return Golden(device, kind, MemoryMode.Ahn, kind);
    }

    private static Check Golden(CheckedDevice device, string name, MemoryMode mode, string? kind) => new($"golden {name} on {device.Name}", null, () => Compare(device, name, mode, kind));

    private static void Compare(CheckedDevice device, string name, MemoryMode mode, string? kind)
    {
        using GpuModel model = device.Load(Path.Combine(GoldenModel.Folder, "base.gguf"), kind is null ? null : Path.Combine(GoldenModel.Folder, kind + ".gguf"), chunkTokens: 128);
        using LanguageSession session = model.CreateSession(new SessionOptions { Mode = mode, Window = GoldenModel.Window, Sinks = GoldenModel.Sinks, Kv = KvType.F32 });
        float[] expected = GoldenModel.Expected(name);
        int[] pieces = [140, 1, 1, 1, 7, 100, 3];
        double difference = 0, size = 0;
        int start = 0;
        for (int i = 0; start < GoldenModel.Tokens; i++)
        {
            int count = Math.Min(pieces[i % pieces.Length], GoldenModel.Tokens - start);
            model.Forward(session, GoldenModel.Ids.AsSpan(start, count), (index, logits) =>
            {
                int row = Array.IndexOf(GoldenModel.Rows, start + index);
                for (int v = 0; row >= 0 && v < logits.Length; v++)
                {
                    double e = expected[row * GoldenModel.Vocabulary + v];
                    difference += (e - logits[v]) * (e - logits[v]);
                    size += e * e;
                }
            });
            start += count;
        }
        double error = Math.Sqrt(difference / size);
        if (!(error <= 1e-4)) throw new CheckFailedException($"expected a relative error of the logits of at most 1e-4, found {error:e2}");
        Console.WriteLine($"golden {name} on {device.Name}: relative error {error:e2}");
    }
}
