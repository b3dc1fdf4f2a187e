using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Gpu.Model;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Testing;

namespace AhnSharp.Gpu.Checks;

/// <summary>
/// A model whose first layers run on a device and the others on the processor: logits, batches, forks and
/// snapshots are those of the processor.
/// </summary>
public static class SplitChecks
{
    private static readonly SessionOptions Small = new() { Window = 40, Sinks = 4, Kv = KvType.F32 };
    private static readonly int[] Ids = MemoryChecks.Ids(200, 64);

    public static IEnumerable<Check> Of(CheckedDevice device)
    {
        foreach (HippocampusKind kind in new[] { HippocampusKind.GatedDeltaNet, HippocampusKind.Mamba2 })
            yield return new Check($"{kind}, 2 of 3 layers on {device.Name}", null, () => Run(device, kind));
    }

    private static void Run(CheckedDevice device, HippocampusKind kind)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-gpu-{Guid.NewGuid():N}.gguf");
        new TinyModel { Kind = kind, Seed = 31, Layers = 3, Vocabulary = 64, Tied = kind == HippocampusKind.Mamba2 }.Write(path);
        try
        {
            using CpuModel here = CpuModel.Load(path, null, new ModelOptions { Threads = 1, ChunkTokens = 32 });
            using GpuModel split = device.LoadSplit(path, 2, 32);
            using LanguageSession expected = here.CreateSession(Small);
            using LanguageSession found = split.CreateSession(Small);
            here.Forward(expected, Ids.AsSpan(0, 130));
            split.Forward(found, Ids.AsSpan(0, 130));
            Measure.Demand(found.LastLogits, expected.LastLogits, 1e-9, "130 tokens at once");

            float[] row = [], expectedRow = [];
            using LanguageSession rowsFork = found.Fork(), rowsExpected = expected.Fork();
            split.Forward([new SequenceSlice(rowsFork, Ids.AsMemory(0, 3)) { Hidden = (_, hidden) => row = hidden.ToArray() }]);
            here.Forward([new SequenceSlice(rowsExpected, Ids.AsMemory(0, 3)) { Hidden = (_, hidden) => expectedRow = hidden.ToArray() }]);
            Measure.Demand(row, expectedRow, 1e-9, "a hidden row");

            using LanguageSession fork = found.Fork();
            split.Forward(found, Ids.AsSpan(10, 20));
            here.Forward(expected, Ids.AsSpan(130, 5));
            split.Forward([new SequenceSlice(fork, Ids.AsMemory(130, 5))]);
            Measure.Demand(fork.LastLogits, expected.LastLogits, 1e-9, "a fork that goes on in a batch");

            using MemoryStream saved = new();
            fork.Save(saved);
            saved.Position = 0;
            using LanguageSession onProcessor = here.LoadSession(saved);
            saved.Position = 0;
            using LanguageSession again = split.LoadSession(saved);
            here.Forward(expected, Ids.AsSpan(135, 40));
            here.Forward(onProcessor, Ids.AsSpan(135, 40));
            split.Forward(again, Ids.AsSpan(135, 40));
            Measure.Demand(onProcessor.LastLogits, expected.LastLogits, 1e-9, "a snapshot, loaded on the processor");
            Measure.Demand(again.LastLogits, expected.LastLogits, 1e-9, "a snapshot, loaded in two parts");
            if (again.Position != 175 || again.Tally.Compressed != 175 - 44)
                throw new CheckFailedException($"expected a session at 175, found it at {again.Position}");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
