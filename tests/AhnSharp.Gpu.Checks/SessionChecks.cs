using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Generation;
using AhnSharp.Gpu.Model;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Testing;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>Sessions on a device: snapshots to and from the engine, forks, batches, cancellation, a state that stops growing.</summary>
public static class SessionChecks
{
    private static readonly SessionOptions Small = new() { Window = 40, Sinks = 4 };
    private static readonly TinyModel Tiny = new() { Kind = HippocampusKind.GatedDeltaNet, Seed = 21, Vocabulary = 64 };
    private static readonly int[] Ids = MemoryChecks.Ids(200, 64);

    public static IEnumerable<Check> Of(CheckedDevice device)
    {
        foreach (KvType kv in Enum.GetValues<KvType>())
        {
            yield return new Check(
                $"snapshots of {kv} both ways on {device.Name}", null, () => With(device, (here, there) => Snapshots(here, there, kv)));
        }
        yield return new Check($"forks on {device.Name}", null, () => With(device, (_, there) => Forks(there)));
        yield return new Check($"batches on {device.Name}", null, () => With(device, (_, there) => Batches(there)));
        yield return new Check($"hidden rows on {device.Name}", null, () => With(device, HiddenRows));
        yield return new Check($"cancellation on {device.Name}", null, () => With(device, (_, there) => Cancellation(there)));
        yield return new Check($"likeliest tokens on {device.Name}", null, () => With(device, TopTokens));
        yield return new Check(
            $"numbers that are not finite on {device.Name}", null, () => With(device, (_, there) => BrokenMemory(there)));
        yield return new Check($"archive and reach on {device.Name}", null, () => With(device, Refusals));
        yield return new Check($"flat state on {device.Name}", null, () => With(device, (_, there) => Flat(there)));
    }

    private static void With(CheckedDevice device, Action<CpuModel, GpuModel> action)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-gpu-{Guid.NewGuid():N}.gguf");
        Tiny.Write(path);
        try
        {
            using CpuModel here = CpuModel.Load(path, null, new ModelOptions { Threads = 1, ChunkTokens = 32 });
            using GpuModel there = device.Load(path, chunkTokens: 32);
            action(here, there);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // A broken memory of layer 0: the text fails with the layer's name and stands where it stood, the text beside it goes on.
    private static void BrokenMemory(GpuModel there)
    {
        using LanguageSession broken = there.CreateSession(Small), other = there.CreateSession(Small), alone = there.CreateSession(Small);
        foreach (LanguageSession session in (LanguageSession[])[broken, other, alone]) there.Forward(session, Ids.AsSpan(0, 100));
        var state = (GpuLayerState)broken.Layer(0);
        float[] numbers = new float[state.State.Length];
        Array.Fill(numbers, float.NaN);
        state.Accelerator.Bind();
        state.State.CopyFromCPUUnsafeAsync(state.Accelerator.DefaultStream, ref numbers[0], numbers.Length);
        state.Accelerator.DefaultStream.Synchronize();
        StepOutcome[] outcomes = new StepOutcome[2];
        there.Step([new SequenceSlice(broken, Ids.AsMemory(100, 16)), new SequenceSlice(other, Ids.AsMemory(100, 16))], outcomes);
        string said = outcomes[0].Cause?.Message ?? "no failure";
        if (!said.StartsWith("layer 0: expected finite numbers behind token 115", StringComparison.Ordinal))
            throw new CheckFailedException($"expected a failure that names layer 0 and token 115, found: {said}");
        if (broken.Position != 100) throw new CheckFailedException($"expected the text to stand at 100, found {broken.Position}");
        there.Forward(alone, Ids.AsSpan(100, 16));
        if (outcomes[1].Cause is { } cause) throw new CheckFailedException($"expected the other text to go on, found: {cause.Message}");
        Equal(other.LastLogits, alone.LastLogits, 1e-9, "logits of the text beside a broken one");
    }

    // Both need the processor: a session of a device says so when it is made, and when it is loaded.
    private static void Refusals(CpuModel here, GpuModel there)
    {
        using LanguageSession onProcessor = here.CreateSession(Small with { Reach = 64 });
        here.Forward(onProcessor, Ids.AsSpan(0, 100));
        using MemoryStream saved = new();
        onProcessor.Save(saved);
        saved.Position = 0;
        foreach ((string what, Func<LanguageSession> make) in ((string, Func<LanguageSession>)[])[
            ("An archive", () => there.CreateSession(Small with { Archive = new ArchiveOptions() })),
            ("A reach", () => there.CreateSession(Small with { Reach = 64 })),
            ("A reach", () => there.LoadSession(saved))])
        {
            try
            {
                make().Dispose();
            }
            catch (NotSupportedException e) when (e.Message.StartsWith($"{what} needs the processor", StringComparison.Ordinal))
            {
                continue;
            }
            throw new CheckFailedException($"expected a sentence that says that {what.ToLowerInvariant()} needs the processor, found none");
        }
    }

    // Of every token and of the last, beside logits of another text and without any.
    private static void HiddenRows(CpuModel here, GpuModel there)
    {
        SessionOptions exact = Small with { Kv = KvType.F32 };
        foreach (bool wantsLogits in (bool[])[false, true])
        {
            List<float> expected = [], found = [];
            foreach ((LanguageModel model, List<float> rows) in ((LanguageModel, List<float>)[])[(here, expected), (there, found)])
            {
                using LanguageSession every = model.CreateSession(exact), last = model.CreateSession(exact);
                model.Forward(
                [
                    new SequenceSlice(every, Ids.AsMemory(0, 50), WantsLogits: wantsLogits)
                    {
                        EveryHidden = true,
                        Hidden = (_, row) => rows.AddRange(row),
                    },
                    new SequenceSlice(last, Ids.AsMemory(60, 9), WantsLogits: false) { Hidden = (_, row) => rows.AddRange(row) },
                ]);
                if (wantsLogits) rows.AddRange(every.LastLogits);
            }
            Equal(found.ToArray(), expected.ToArray(), 1e-9, "hidden rows");
        }
    }

    private static void Snapshots(CpuModel here, GpuModel there, KvType kv)
    {
        SessionOptions options = Small with { Kv = kv };
        using LanguageSession onDevice = there.CreateSession(options);
        there.Forward(onDevice, Ids.AsSpan(0, 130));
        using MemoryStream first = new(), second = new();
        onDevice.Save(first);
        first.Position = 0;
        using LanguageSession onProcessor = here.LoadSession(first);
        Equal(onProcessor.LastLogits, onDevice.LastLogits, 0, "the last logits, carried to the processor");
        onProcessor.Save(second);
        if (!first.ToArray().AsSpan().SequenceEqual(second.ToArray()))
            throw new CheckFailedException("expected the engine to save the bytes that the device saved, found others");
        here.Forward(onProcessor, Ids.AsSpan(130, 20));
        there.Forward(onDevice, Ids.AsSpan(130, 20));
        Equal(onDevice.LastLogits, onProcessor.LastLogits, kv == KvType.F32 ? 1e-9 : 1e-5, "logits of the processor after going on");

        using MemoryStream third = new();
        onProcessor.Save(third);
        third.Position = 0;
        using LanguageSession back = there.LoadSession(third);
        here.Forward(onProcessor, Ids.AsSpan(150, 30));
        there.Forward(back, Ids.AsSpan(150, 30));
        Equal(back.LastLogits, onProcessor.LastLogits, kv == KvType.F32 ? 1e-9 : 1e-5, "logits of the device after going on");
        if (!back.ReadTokens().AsSpan().SequenceEqual(Ids.AsSpan(0, 180)))
            throw new CheckFailedException("expected the ids of the text in the loaded session, found others");
        double before = onProcessor.Describe().Layers[0].Heads[0].Norm, after = back.Describe().Layers[0].Heads[0].Norm;
        if (!(Math.Abs(before - after) <= 1e-3 * before))
            throw new CheckFailedException($"expected a memory of norm {before:g6}, found {after:g6}");
    }

    private static void Forks(GpuModel there)
    {
        using LanguageSession whole = there.CreateSession(Small), text = there.CreateSession(Small);
        there.Forward(whole, Ids.AsSpan(0, 100));
        there.Forward(text, Ids.AsSpan(0, 90));
        using LanguageSession fork = text.Fork();
        long together = LanguageSession.BytesTogether([text, fork]);
        if (together > text.StateBytes + text.HistoryBytes + 2 * sizeof(float) * there.Config.VocabularySize)
            throw new CheckFailedException($"expected a fork that shares everything, found {together} bytes together");
        there.Forward(text, Ids.AsSpan(150, 45));
        there.Forward(fork, Ids.AsSpan(90, 10));
        Equal(fork.LastLogits, whole.LastLogits, 1e-12, "a fork's logits, after the other went another way");
        if (text.BytesCopied == 0)
            throw new CheckFailedException("expected the first of the two to copy what they shared, found that it copied nothing");
    }

    private static void Batches(GpuModel there)
    {
        int[] lengths = [70, 1, 23];
        float[][] alone = [.. lengths.Select((length, i) =>
        {
            using LanguageSession session = there.CreateSession(Small);
            there.Forward(session, Ids.AsSpan(0, 60 + i));
            there.Forward(session, Ids.AsSpan(100, length));
            return session.LastLogits.ToArray();
        })];
        LanguageSession[] sessions = [.. lengths.Select((_, i) =>
        {
            LanguageSession session = there.CreateSession(Small);
            there.Forward(session, Ids.AsSpan(0, 60 + i));
            return session;
        })];
        there.Forward([.. lengths.Select((length, i) => new SequenceSlice(sessions[i], Ids.AsMemory(100, length)))]);
        for (int i = 0; i < sessions.Length; i++)
        {
            Equal(sessions[i].LastLogits, alone[i], 1e-10, $"logits of text {i} of a batch");
            sessions[i].Dispose();
        }
    }

    private static void Cancellation(GpuModel there)
    {
        using LanguageSession session = there.CreateSession(Small), whole = there.CreateSession(Small);
        using CancellationTokenSource source = new();
        int rows = 0;
        try
        {
            there.Forward(session, Ids.AsSpan(0, 100), (_, _) => { if (++rows == 40) source.Cancel(); }, source.Token);
            throw new CheckFailedException("expected a cancelled pass to throw, found that it ended");
        }
        catch (OperationCanceledException)
        {
        }
        if (session.Position != 64)
            throw new CheckFailedException($"expected the session behind 2 chunks of 32 tokens, found it at {session.Position}");
        there.Forward(session, Ids.AsSpan(64, 36));
        there.Forward(whole, Ids.AsSpan(0, 100));
        Equal(session.LastLogits, whole.LastLogits, 1e-10, "logits of a text that was cancelled and read on");
    }

    // Logits are left on the device until somebody looks at them; what is picked there is what is picked here of all of them.
    private static void TopTokens(CpuModel here, GpuModel there)
    {
        using LanguageSession first = there.CreateSession(Small), second = there.CreateSession(Small);
        using LanguageSession same = here.CreateSession(Small);
        there.Forward(first, Ids.AsSpan(0, 50));
        using LanguageSession fork = first.Fork();
        there.Forward(fork, Ids.AsSpan(50, 1));
        there.Forward([new SequenceSlice(first, Ids.AsMemory(50, 1)), new SequenceSlice(second, Ids.AsMemory(7, 3))]);
        there.Forward(second, Ids.AsSpan(10, 3));
        here.Forward(same, Ids.AsSpan(0, 51));
        Equal(first.LastLogits, same.LastLogits, 1e-5, "logits that lay on the device while another text went on");
        Equal(fork.LastLogits, same.LastLogits, 1e-5, "logits of a fork that lay there likewise");
        foreach (LanguageSession session in new[] { first, second, fork })
        {
            int[] ids = new int[100];
            float[] logits = new float[100], all = session.LastLogits.ToArray();
            int count = session.Logits.TopTokens(ids, logits);
            int[] expected = [.. Enumerable.Range(0, all.Length).OrderByDescending(id => all[id]).ThenBy(id => id)];
            if (count != all.Length || !ids.AsSpan(0, count).SequenceEqual(expected))
                throw new CheckFailedException($"expected the {all.Length} tokens in order of their logits, found others ({count})");
            foreach (SamplingOptions options in new[]
            {
                new SamplingOptions(), new() { Temperature = 1, TopK = 5, Seed = 3 },
                new() { Temperature = 2, TopK = 40, TopP = 0.7f, MinP = 0.01f, Seed = 4 }, new() { Temperature = 1, TopP = 0.9f, Seed = 5 },
            })
            {
                // None, one and more of the likeliest may not be chosen than are picked to spare.
                foreach (int unused in new[] { 0, 1, 12 })
                {
                    Sampler ofSession = new(all.Length, options, expected.Take(unused)),
                        ofLogits = new(all.Length, options, expected.Take(unused));
                    for (int draw = 0; draw < 20; draw++)
                    {
                        int found = ofSession.Next(session), wanted = ofLogits.Next(all);
                        if (found != wanted)
                        {
                            throw new CheckFailedException(
                                $"expected token {wanted} of all logits, found {found} of the likeliest ({options})");
                        }
                    }
                }
            }
        }
    }

    private static void Flat(GpuModel there)
    {
        using LanguageSession session = there.CreateSession(Small);
        for (int i = 0; i < 4; i++) there.Forward(session, Ids.AsSpan(0, 100));
        long bytes = session.StateBytes;
        there.Forward(session, Ids);
        if (session.StateBytes != bytes)
            throw new CheckFailedException($"expected a state of {bytes} bytes that does not grow, found {session.StateBytes}");
        session.Reset();
        if (session.Position != 0 || session.StateBytes != 0)
            throw new CheckFailedException("expected a session as new after a reset, found one that holds something");
        there.Forward(session, Ids.AsSpan(0, 5));
    }

    private static void Equal(ReadOnlySpan<float> found, ReadOnlySpan<float> expected, double most, string what) =>
        Measure.Demand(found, expected, most, what);
}
