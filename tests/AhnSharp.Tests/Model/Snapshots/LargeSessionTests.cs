using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>
/// A ring of 1.1 GB in the long form (LongForm), of 57 MB else: what forks, copies, saves and loads take is
/// printed, what is copied is asserted.
/// </summary>
public sealed class LargeSessionTests(ITestOutputHelper output)
{
    [Fact]
    public void A_fork_takes_nothing_and_its_first_token_a_segment_per_layer()
    {
        int tokens = LongForm.Or(1000, 19_000);
        // Keys and values of 7B: 28 layers, 4 heads of 128 entries. The network around them is as small as it can be.
        using var file = new TinyModelFile(
            new TinyModel { Kind = HippocampusKind.DeltaNet, Layers = 28, Heads = 4, KvHeads = 4, HeadDim = 128, Hidden = 32, Ffn = 32 },
            chunk: 256);
        using LanguageSession session = Filled(
            file.Model, new SessionOptions { Window = tokens - 300, Sinks = 100, ContextTokens = 2 * tokens }, tokens);
        long segments = 28L * KvGeometry.SegmentSlots * session.HostLayer(0).Geometry.SlotBytes;

        using LanguageSession warm = session.Fork();
        long start = Stopwatch.GetTimestamp();
        using LanguageSession fork = session.Fork();
        double forked = Milliseconds(start);
        Assert.Equal((0, 0), (fork.BytesCopied, session.BytesCopied));
        Assert.Equal(session.StateBytes, fork.StateBytes);

        start = Stopwatch.GetTimestamp();
        fork.Reserve(1);
        double owned = Milliseconds(start);
        Assert.InRange(fork.BytesCopied, segments / 2, segments + 28 * fork.HostLayer(0).MemoryBytes + fork.HistoryBytes);
        output.WriteLine($"a session of {session.StateBytes / 1e6:n1} MB: forked in {forked:f3} ms; "
            + $"before the first token {fork.BytesCopied / 1e6:n1} MB copied in {owned:f1} ms");
        file.Model.Forward(fork, [1]);
        file.Model.Forward(session, [1]);
        Assert.Equal(session.LastLogits, fork.LastLogits);

        using TemporaryFolder folder = new();
        string path = folder.PathOf("large.ahn");
        start = Stopwatch.GetTimestamp();
        double cpu = Cpu();
        using (FileStream stream = File.Create(path)) session.Save(stream);
        output.WriteLine($"{new FileInfo(path).Length / 1e6:n1} MB written in {Milliseconds(start):f0} ms ({Cpu() - cpu:f0} ms of CPU)");
        start = Stopwatch.GetTimestamp();
        cpu = Cpu();
        using LanguageSession loaded = file.Model.LoadSession(path);
        output.WriteLine($"verified and loaded in {Milliseconds(start):f0} ms ({Cpu() - cpu:f0} ms of CPU)");
        file.Model.Forward(session, [2]);
        file.Model.Forward(loaded, [2]);
        Assert.Equal(session.LastLogits, loaded.LastLogits);
    }

    // As if so many tokens had been read: numbers that are all small and finite, and different from token to token.
    private static LanguageSession Filled(LanguageModel model, SessionOptions options, int tokens)
    {
        SessionPlan plan = model.Plan(options);
        var layers = new HostLayer[model.Config.LayerCount];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer] = plan.CreateHostLayer(layer);
            KvRing ring = layers[layer].Ring;
            ring.Reserve(0, tokens);
            for (long at = 0; at < tokens;)
            {
                KvRun run = ring.Run(at, tokens);
                NativeBuffer segment = ring.Segment(run.Segment);
                Span<ushort> halves = segment.Span<ushort>(0, (int)(segment.ByteLength / sizeof(ushort)));
                for (int i = 0; i < halves.Length; i++) halves[i] = (ushort)(0x2800 + (i * 7 + layer & 0x7FF));
                at += run.Count;
            }
        }
        return model.Restore(plan, layers, null, Enumerable.Repeat(5, tokens).ToArray(), new float[model.Config.VocabularySize]);
    }

    // Of the whole process: on a busy machine it says more than the clock.
    private static double Cpu()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalMilliseconds;
    }

    private static double Milliseconds(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
