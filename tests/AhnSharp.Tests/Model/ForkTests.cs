using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Attention;
using AhnSharp.Network;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>
/// A fork is an independent session: whatever is done to one of the two, the other gives the bits it would have given alone.
/// </summary>
public class ForkTests
{
    // W + S + chunk fill three segments of 256 slots, the last in part.
    private const int W = 500, S = 20, Chunk = 64;

    public static TheoryData<HippocampusKind?, MemoryMode, KvType, int> Cases()
    {
        var cases = new TheoryData<HippocampusKind?, MemoryMode, KvType, int>();
        foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
        {
            foreach (int read in new[] { 0, 10, 519, 521, 900 }) cases.Add(kind, MemoryMode.Ahn, KvType.F16, read);
        }
        cases.Add(HippocampusKind.GatedDeltaNet, MemoryMode.Ahn, KvType.F32, 1200);
        cases.Add(HippocampusKind.GatedDeltaNet, MemoryMode.Ahn, KvType.Q8_0, 1200);
        cases.Add(HippocampusKind.DeltaNet, MemoryMode.Window, KvType.F16, 900);
        cases.Add(null, MemoryMode.Full, KvType.Q8_0, 300);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parent_and_fork_go_on_as_if_alone(HippocampusKind? kind, MemoryMode mode, KvType kv, int read)
    {
        using var file = new TinyModelFile(Tiny(kind), chunk: Chunk);
        var options = new SessionOptions
        {
            Mode = mode,
            Window = mode == MemoryMode.Full ? null : W,
            Sinks = mode == MemoryMode.Full ? null : S,
            Kv = kv,
        };
        int[] text = SessionTests.Ids(read, 1), left = SessionTests.Ids(150, 2), right = SessionTests.Ids(90, 3);
        using LanguageSession parent = Fed(file, options, text);
        using LanguageSession fork = parent.Fork(), fork2 = fork.Fork();
        Assert.Equal(0, fork.BytesCopied);
        Assert.Equal((parent.Position, parent.Tally.Compressed), (fork.Position, fork.Tally.Compressed));
        Assert.Equal(parent.LastLogits, fork.LastLogits);

        // Interleaved, so that each writes where the other still reads.
        for (int i = 0; i < 3; i++)
        {
            file.Model.Forward(parent, left.AsSpan(50 * i, 50));
            file.Model.Forward(fork, right.AsSpan(30 * i, 30));
        }
        Assert.Equal(Alone(file, options, text, left, 50), parent.LastLogits);
        Assert.Equal(Alone(file, options, text, right, 30), fork.LastLogits);
        Assert.Equal([.. text, .. left], parent.Tokens);
        Assert.Equal([.. text, .. right], fork.Tokens);

        // The grandchild stood still all the while; its parents may end before it.
        parent.Dispose();
        fork.Dispose();
        Assert.Equal(text, fork2.Tokens);
        file.Model.Forward(fork2, left.AsSpan(0, 50));
        Assert.Equal(Alone(file, options, text, left[..50], 50), fork2.LastLogits);
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Many_forks_on_many_threads_end_in_any_order(HippocampusKind kind)
    {
        using var file = new TinyModelFile(Tiny(kind), chunk: Chunk);
        var options = new SessionOptions { Window = W, Sinks = S };
        int[] text = SessionTests.Ids(700, 1);
        int[][] tails = [.. Enumerable.Range(0, 12).Select(i => SessionTests.Ids(40 + 7 * i, 10 + i))];
        float[][] expected = [.. tails.Select(tail => Alone(file, options, text, tail, 25))];
        LanguageSession parent = Fed(file, options, text);
        LanguageSession[] forks = [.. tails.Select((_, i) => i % 3 == 2 ? ForkOfFork(parent) : parent.Fork())];
        int order = 0;
        Parallel.For(0, forks.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            for (int at = 0; at < tails[i].Length; at += 25)
            {
                file.Model.Forward(forks[i], tails[i].AsSpan(at, Math.Min(25, tails[i].Length - at)));
                using LanguageSession gone = forks[i].Fork();
            }
            Assert.Equal(expected[i], forks[i].LastLogits);
            forks[i].Dispose();
            if (Interlocked.Increment(ref order) == 5) parent.Dispose();
        });
    }

    [Fact]
    public void A_fork_copies_what_it_is_about_to_write_and_nothing_else()
    {
        using var file = new TinyModelFile(Tiny(HippocampusKind.DeltaNet), chunk: Chunk);
        using LanguageSession parent = Fed(file, new SessionOptions { Window = W, Sinks = S }, SessionTests.Ids(900, 1));
        long history = parent.HistoryBytes, memory = parent.Describe().MemoryBytes;
        long segments = file.Model.Config.LayerCount * 256L * parent.HostLayer(0).Geometry.SlotBytes;
        using LanguageSession fork = parent.Fork();
        Assert.Equal((0, 0), (fork.BytesCopied, parent.BytesCopied));
        file.Model.Forward(fork, [1]);
        Assert.InRange(fork.BytesCopied, memory + 1, segments + memory + history);
        long once = fork.BytesCopied;
        file.Model.Forward(fork, [2]);
        Assert.Equal(once, fork.BytesCopied);
        // The fork has its own copies now: the parent is alone with what it writes.
        file.Model.Forward(parent, [1]);
        Assert.Equal(0, parent.BytesCopied);
        Assert.Equal(parent.StateBytes, fork.StateBytes);
    }

    [Fact]
    public void A_cancelled_pass_of_a_fork_leaves_both_where_they_stood()
    {
        using var file = new TinyModelFile(Tiny(HippocampusKind.GatedDeltaNet), chunk: Chunk);
        var options = new SessionOptions { Window = W, Sinks = S };
        int[] text = SessionTests.Ids(640, 1), tail = SessionTests.Ids(64, 2);
        using LanguageSession parent = Fed(file, options, text), fork = parent.Fork();
        file.Model.Stage.BeforeLayer = SessionTests.StopBefore(1);
        using var never = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => file.Model.Forward(fork, tail, never.Token));
        file.Model.Stage.BeforeLayer = null;
        Assert.Equal(640, fork.Position);
        Assert.Equal(text, fork.Tokens);
        float[] expected = Alone(file, options, text, tail, 64);
        file.Model.Forward(parent, tail);
        Assert.Equal(expected, parent.LastLogits);
        file.Model.Forward(fork, tail);
        Assert.Equal(expected, fork.LastLogits);
    }

    [Fact]
    public void A_reset_fork_is_as_new_and_the_parent_goes_on()
    {
        using var file = new TinyModelFile(Tiny(HippocampusKind.Mamba2), chunk: Chunk);
        var options = new SessionOptions { Window = W, Sinks = S };
        int[] text = SessionTests.Ids(640, 1), tail = SessionTests.Ids(64, 2);
        using LanguageSession parent = Fed(file, options, text), fork = parent.Fork();
        fork.Reset();
        Assert.Equal((0, 0), (fork.Position, fork.Tokens.Length));
        file.Model.Forward(fork, tail);
        Assert.Equal(Alone(file, options, [], tail, 64), fork.LastLogits);
        file.Model.Forward(parent, tail);
        Assert.Equal(Alone(file, options, text, tail, 64), parent.LastLogits);
        parent.Dispose();
        Assert.Throws<ObjectDisposedException>(parent.Fork);
    }

    [Fact]
    public void The_history_is_what_was_fed_and_stops_where_a_cancelled_reading_stops()
    {
        using var file = new TinyModelFile(Tiny(null), chunk: 32);
        using LanguageSession session = file.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Window, Window = 40, Sinks = 4 });
        Assert.Equal(0, session.HistoryBytes);
        int[] ids = SessionTests.Ids(3000, 1);
        using var cancellation = new CancellationTokenSource();
        int rows = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => file.Model.Forward(
            session, ids,
            (_, _) =>
            {
                if (++rows == 2000) cancellation.Cancel();
            },
            cancellation.Token));
        Assert.Equal(2016, session.Position);
        Assert.Equal(ids.AsSpan(0, 2016), session.Tokens);
        file.Model.Forward([new SequenceSlice(session, ids.AsMemory(2016, 600))]);
        Assert.Equal(ids.AsSpan(0, 2616), session.Tokens);
        Assert.Equal(4 * 4096, session.HistoryBytes);
        session.Reset();
        Assert.Equal((0, 0L), (session.Tokens.Length, session.HistoryBytes));
    }

    internal static TinyModel Tiny(HippocampusKind? kind) =>
        new() { Kind = kind, Layers = 3, FullAttentionLayers = kind is null ? [] : [1], Seed = 21 };

    internal static LanguageSession Fed(TinyModelFile file, SessionOptions options, int[] ids)
    {
        LanguageSession session = file.Model.CreateSession(options);
        if (ids.Length > 0) file.Model.Forward(session, ids);
        return session;
    }

    private static float[] Alone(TinyModelFile file, SessionOptions options, int[] text, IReadOnlyList<int> tail, int step)
    {
        using LanguageSession session = Fed(file, options, text);
        int[] ids = [.. tail];
        for (int at = 0; at < ids.Length; at += step) file.Model.Forward(session, ids.AsSpan(at, Math.Min(step, ids.Length - at)));
        return session.LastLogits.ToArray();
    }

    private static LanguageSession ForkOfFork(LanguageSession session)
    {
        using LanguageSession between = session.Fork();
        return between.Fork();
    }
}
