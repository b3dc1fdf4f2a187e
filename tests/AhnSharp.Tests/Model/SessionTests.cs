using System;
using System.Linq;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Model;

public class SessionTests
{
    private const int W = 40, S = 4;

    public static TheoryData<HippocampusKind> Kinds => [.. Enum.GetValues<HippocampusKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Stands_at_its_last_whole_chunk_when_cancelled(HippocampusKind kind)
    {
        using var file = new TinyModelFile(new TinyModel { Kind = kind, Layers = 3 }, chunk: 32);
        int[] ids = Ids(400, seed: 8);
        var options = new SessionOptions { Window = W, Sinks = S, Kv = KvType.F32 };
        for (int stop = 1; stop <= 8; stop++)
        {
            using LanguageSession session = file.Model.CreateSession(options);
            using var cancellation = new CancellationTokenSource();
            int rows = 0, stopAt = stop * 41;
            Assert.ThrowsAny<OperationCanceledException>(() => file.Model.Forward(
                session, ids,
                (_, _) =>
                {
                    if (++rows == stopAt) cancellation.Cancel();
                },
                cancellation.Token));
            Assert.Equal(0, session.Position % 32);
            int at = (int)session.Position;
            Assert.InRange(at, 1, ids.Length - 1);
            file.Model.Forward(session, ids.AsSpan(at, Math.Min(60, ids.Length - at)));
            using LanguageSession fresh = file.Model.CreateSession(options);
            file.Model.Forward(fresh, ids.AsSpan(0, (int)session.Position));
            Assert.True(RelativeError(fresh.LastLogits, session.LastLogits) < 1e-5, $"after a stop at {at}");
        }
    }

    internal static Action<int> StopBefore(int layer) => n =>
    {
        if (n == layer) throw new OperationCanceledException();
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Puts_the_memory_back_when_a_pass_is_stopped_between_layers(HippocampusKind kind)
    {
        using var file = new TinyModelFile(new TinyModel { Kind = kind, Layers = 3 }, chunk: 32);
        int[] ids = Ids(160, seed: 8);
        var options = new SessionOptions { Window = W, Sinks = S, Kv = KvType.F32 };
        using LanguageSession session = file.Model.CreateSession(options), fresh = file.Model.CreateSession(options);
        file.Model.Forward(session, ids.AsSpan(0, 96));
        file.Model.Stage.BeforeLayer = StopBefore(2);
        using var never = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => file.Model.Forward(session, ids.AsSpan(96, 32), never.Token));
        file.Model.Stage.BeforeLayer = null;
        Assert.Equal(96, session.Position);
        file.Model.Forward(session, ids.AsSpan(96));
        file.Model.Forward(fresh, ids);
        Assert.True(RelativeError(fresh.LastLogits, session.LastLogits) < 1e-5);
    }

    // 1,200 keys in the window's layers and 1,500 in the one that keeps all: a single token's are cut into spans,
    // those of 9 tokens at once are not.
    [Fact]
    public void Spans_of_keys_are_the_same_for_every_number_of_threads_and_for_whole_blocks()
    {
        int[] ids = Ids(1500, seed: 6);
        float[]? expected = null;
        var options = new SessionOptions { Window = 1200, Sinks = S, Kv = KvType.F32 };
        foreach (int threads in new[] { 1, 2, 3, 5 })
        {
            using var file = new TinyModelFile(
                new TinyModel { Kind = HippocampusKind.GatedDeltaNet, FullAttentionLayers = [1], Heads = 12 }, threads);
            using LanguageSession session = file.Model.CreateSession(options), whole = file.Model.CreateSession(options);
            file.Model.Forward(session, ids.AsSpan(0, 1491));
            for (int t = 1491; t < ids.Length; t++) file.Model.Forward(session, ids.AsSpan(t, 1));
            expected ??= session.LastLogits.ToArray();
            Assert.Equal(expected, session.LastLogits.ToArray());
            file.Model.Forward(whole, ids.AsSpan(0, 1491));
            file.Model.Forward(whole, ids.AsSpan(1491));
            Assert.True(RelativeError(whole.LastLogits, session.LastLogits) < 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_bits_do_not_depend_on_the_number_of_threads(HippocampusKind kind)
    {
        int[] ids = Ids(200, seed: 5);
        foreach (bool headNorms in new[] { false, true })
        {
            float[]? expected = null;
            foreach (int threads in new[] { 1, 2, 3, 7 })
            {
                using var file = new TinyModelFile(new TinyModel { Kind = kind, HeadNorms = headNorms }, threads);
                using LanguageSession session = file.Model.CreateSession(new SessionOptions { Window = W, Sinks = S });
                file.Model.Forward(session, ids.AsSpan(0, 190));
                for (int t = 190; t < ids.Length; t++) file.Model.Forward(session, ids.AsSpan(t, 1));
                expected ??= session.LastLogits.ToArray();
                Assert.Equal(expected, session.LastLogits.ToArray());
            }
        }
    }

    [Fact]
    public void A_batch_gives_each_session_what_it_would_have_alone()
    {
        using var file = new TinyModelFile(new TinyModel { Kind = HippocampusKind.GatedDeltaNet }, chunk: 48);
        SessionOptions[] options =
        [
            new() { Window = W, Sinks = S, Kv = KvType.F32 }, new() { Mode = MemoryMode.Full, Kv = KvType.F32 },
            new() { Window = 7, Sinks = 0, Kv = KvType.F32 }, new() { Mode = MemoryMode.Window, Window = 20, Sinks = 2, Kv = KvType.F32 },
        ];
        int[][] texts = [Ids(130, 1), Ids(90, 2), Ids(61, 3), Ids(1, 4)];
        int[][] more = [Ids(1, 5), Ids(1, 6), Ids(40, 7), Ids(1, 8)];
        LanguageSession[] together = [.. options.Select(o => file.Model.CreateSession(o))];
        file.Model.Forward([.. together.Select((s, i) => new SequenceSlice(s, texts[i]))]);
        file.Model.Forward([.. together.Select((s, i) => new SequenceSlice(s, more[i]))]);
        for (int i = 0; i < options.Length; i++)
        {
            using LanguageSession alone = file.Model.CreateSession(options[i]);
            file.Model.Forward(alone, texts[i]);
            file.Model.Forward(alone, more[i]);
            Assert.Equal(alone.Position, together[i].Position);
            Assert.True(RelativeError(alone.LastLogits, together[i].LastLogits) < 1e-5, $"session {i}");
            together[i].Dispose();
        }
    }

    [Fact]
    public void Counts_what_is_held_compressed_and_dropped()
    {
        using var file = new TinyModelFile(new TinyModel { Kind = HippocampusKind.DeltaNet });
        int[] ids = Ids(100, 3);
        foreach ((MemoryMode mode, long exact, long compressed, long dropped) in new[]
        {
            (MemoryMode.Full, 100L, 0L, 0L), (MemoryMode.Window, 44L, 0L, 56L), (MemoryMode.Ahn, 44L, 56L, 0L),
        })
        {
            using LanguageSession session = file.Model.CreateSession(new SessionOptions { Mode = mode, Window = W, Sinks = S });
            file.Model.Forward(session, ids);
            Assert.Equal((100L, exact, compressed, dropped),
                (session.Position, session.Tally.Exact, session.Tally.Compressed, session.Tally.Dropped));
            Assert.Equal(file.Model.Plan(new SessionOptions { Mode = mode, Window = W, Sinks = S }).Bytes(100), session.StateBytes);
            session.Reset();
            Assert.Equal(0, session.Position);
            file.Model.Forward(session, ids);
            Assert.Equal(exact, session.Tally.Exact);
        }
    }

    [Fact]
    public void An_overflow_says_both_numbers_and_changes_nothing()
    {
        using var file = new TinyModelFile(new TinyModel(), chunk: 16);
        using LanguageSession session = file.Model.CreateSession(new SessionOptions { ContextTokens = 50 });
        file.Model.Forward(session, Ids(40, 1));
        float[] before = session.LastLogits.ToArray();
        ContextOverflowException overflow = Assert.Throws<ContextOverflowException>(() => file.Model.Forward(session, Ids(11, 2)));
        Assert.Equal((51, 50), (overflow.NeededTokens, overflow.LimitTokens));
        Assert.Contains("51", overflow.Message, StringComparison.Ordinal);
        Assert.Contains("50", overflow.Message, StringComparison.Ordinal);
        Assert.Equal(40, session.Position);
        Assert.Equal(before, session.LastLogits.ToArray());
        file.Model.Forward(session, Ids(10, 2));
        Assert.Equal(50, session.Position);
    }

    [Fact]
    public void Layers_with_full_attention_overflow_in_every_mode()
    {
        using var file = new TinyModelFile(new TinyModel { Kind = HippocampusKind.DeltaNet, FullAttentionLayers = [1] });
        using LanguageSession session = file.Model.CreateSession(new SessionOptions { Window = 8, Sinks = 0, ContextTokens = 30 });
        Assert.Throws<ContextOverflowException>(() => file.Model.Forward(session, Ids(31, 2)));
    }

    [Fact]
    public void Refuses_what_it_cannot_do()
    {
        using var file = new TinyModelFile(new TinyModel());
        Assert.Throws<InvalidOperationException>(() => file.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Ahn }));
        using LanguageSession session = file.Model.CreateSession();
        Assert.Equal(MemoryMode.Full, session.Mode);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Model.Forward(session, [128]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Model.Forward(session, [-1]));
        Assert.Throws<ArgumentException>(() => file.Model.Forward(session, []));
        Assert.Throws<ArgumentException>(
            () => file.Model.Forward([new SequenceSlice(session, Ids(3, 1)), new SequenceSlice(session, Ids(3, 1))]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => file.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Window, Window = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => file.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Window, Window = 1, Sinks = -1 }));
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Model.Forward(session, [1]));
    }

    [Fact]
    public void Entries_that_a_head_does_not_divide_into_are_refused_by_a_sentence()
    {
        using var file = new TinyModelFile(new TinyModel { Hidden = 48, Heads = 2, KvHeads = 1, HeadDim = 24 });
        InvalidModelException error = Assert.Throws<InvalidModelException>(
            () => file.Model.CreateSession(new SessionOptions { Kv = KvType.Q8_0 }));
        Assert.Contains("24", error.Message, StringComparison.Ordinal);
        using LanguageSession session = file.Model.CreateSession();
        file.Model.Forward(session, Ids(5, 1));
    }

    internal static int[] Ids(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(128))];
    }

    internal static double RelativeError(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)expected[i] - found[i], 2);
            size += Math.Pow(expected[i], 2);
        }
        return Math.Sqrt(difference / size);
    }
}
