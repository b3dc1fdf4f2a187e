using System;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Sessions;

public sealed class StepTests
{
    private static readonly SessionOptions s_small = new() { Window = 40, Sinks = 4 };

    public static TheoryData<HippocampusKind, int, int> Failures()
    {
        // Tokens one by one before the pass that fails, so that it is undone from an older copy; rows of that pass.
        TheoryData<HippocampusKind, int, int> data = [];
        foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
        {
            foreach ((int before, int rows) in new[] { (0, 1), (1, 1), (13, 1), (70, 1), (5, 3), (5, 12), (2, 40), (65, 7) })
                data.Add(kind, before, rows);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_pass_that_fails_at_any_layer_leaves_the_session_as_it_was(HippocampusKind kind, int before, int rows)
    {
        using var file = new TinyModelFile(ForkTests.Tiny(kind), chunk: 64);
        using LanguageSession session = Behind(file, 100, before);
        byte[] expected = Bytes(session);
        int[] ids = SessionTests.Ids(rows, 9);
        foreach (Exception failure in new Exception[]
        {
            new InsufficientMemoryException("none left"),
            new OperationCanceledException(),
            new InvalidOperationException("x"),
        })
        {
            for (int layer = 0; layer < file.Model.Config.LayerCount; layer++)
            {
                int failing = layer;
                file.Model.Stage.BeforeLayer = n =>
                {
                    if (n == failing) throw failure;
                };
                Assert.Same(failure, Assert.Throws(failure.GetType(), () => file.Model.Forward(session, ids)));
                Assert.Equal(expected, Bytes(session));
            }
        }
        file.Model.Stage.BeforeLayer = null;
        using LanguageSession fresh = Behind(file, 100, before);
        file.Model.Forward(session, ids);
        file.Model.Forward(fresh, ids);
        Assert.Equal(Bytes(fresh), Bytes(session));
    }

    [Fact]
    public void A_thread_of_the_team_that_throws_fails_the_pass_and_nothing_else()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), threads: 3, chunk: 64);
        using LanguageSession first = Behind(file, 90, 3), second = Behind(file, 70, 1);
        byte[][] expected = [Bytes(first), Bytes(second)];
        file.Model.Stage.BeforeLayer = n =>
        {
            if (n == 2) file.Model.Workers.Run(new Throwing(), 7);
        };
        StepOutcome[] outcomes = new StepOutcome[2];
        file.Model.Step([new SequenceSlice(first, new[] { 1 }), new SequenceSlice(second, new[] { 2, 3 })], outcomes);
        Assert.All(outcomes, outcome => Assert.Equal((StepResult.Failed, "item 5"), (outcome.Result, outcome.Cause!.Message)));
        Assert.Equal(expected, [Bytes(first), Bytes(second)]);
        file.Model.Stage.BeforeLayer = null;
        file.Model.Step([new SequenceSlice(first, new[] { 1 }), new SequenceSlice(second, new[] { 2, 3 })], outcomes);
        Assert.All(outcomes, outcome => Assert.Equal(StepResult.Done, outcome.Result));
        Assert.Equal((94, 73), (first.Position, second.Position));
    }

    [Fact]
    public void Each_sequence_has_its_outcome_and_the_others_their_bits()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.GatedDeltaNet), chunk: 64);
        using LanguageSession one = Behind(file, 100, 2), two = Behind(file, 60, 0), cancelled = Behind(file, 80, 0),
            wrong = Behind(file, 50, 0);
        using LanguageSession full = file.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Full, ContextTokens = 21 });
        file.Model.Forward(full, SessionTests.Ids(20, 4));
        using LanguageSession oneAlone = one.Fork(), twoAlone = two.Fork(), gone = one.Fork();
        gone.Dispose();
        byte[][] before = [Bytes(cancelled), Bytes(wrong), Bytes(full)];
        int[] a = SessionTests.Ids(5, 11), b = [7];
        StepOutcome[] outcomes = new StepOutcome[6];
        file.Model.Step(
            [
                new SequenceSlice(one, a),
                new SequenceSlice(cancelled, new[] { 1, 2 }, Cancellation: new CancellationToken(canceled: true)),
                new SequenceSlice(wrong, new[] { 1, 1_000_000 }),
                new SequenceSlice(two, b),
                new SequenceSlice(full, new[] { 1, 2, 3 }),
                new SequenceSlice(gone, new[] { 1 }),
            ],
            outcomes);
        Assert.Equal(
            [StepResult.Done, StepResult.Cancelled, StepResult.Failed, StepResult.Done, StepResult.ContextFull, StepResult.Failed],
            outcomes.Select(outcome => outcome.Result));
        Assert.IsType<ArgumentOutOfRangeException>(outcomes[2].Cause);
        Assert.Equal((23, 21),
            (((ContextOverflowException)outcomes[4].Cause!).NeededTokens, ((ContextOverflowException)outcomes[4].Cause!).LimitTokens));
        Assert.IsType<ObjectDisposedException>(outcomes[5].Cause);
        Assert.Equal(before, [Bytes(cancelled), Bytes(wrong), Bytes(full)]);
        file.Model.Step([new SequenceSlice(oneAlone, a), new SequenceSlice(twoAlone, b)], outcomes);
        Assert.Equal(Bytes(oneAlone), Bytes(one));
        Assert.Equal(Bytes(twoAlone), Bytes(two));
    }

    [Fact]
    public void A_sequence_that_is_cancelled_in_the_middle_of_a_pass_stands_and_the_others_go_on()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.Mamba2), chunk: 64);
        using LanguageSession stays = Behind(file, 100, 4), goes = Behind(file, 90, 2), alone = goes.Fork(), beside = stays.Fork();
        byte[] expected = Bytes(stays);
        using CancellationTokenSource cancellation = new();
        file.Model.Stage.BeforeLayer = n =>
        {
            if (n == 1) cancellation.Cancel();
        };
        StepOutcome[] outcomes = new StepOutcome[2];
        file.Model.Step(
            [new SequenceSlice(stays, new[] { 5 }, Cancellation: cancellation.Token), new SequenceSlice(goes, new[] { 6 })], outcomes);
        Assert.Equal([StepResult.Cancelled, StepResult.Done], outcomes.Select(outcome => outcome.Result));
        Assert.Equal(expected, Bytes(stays));
        file.Model.Stage.BeforeLayer = null;
        file.Model.Step([new SequenceSlice(beside, new[] { 5 }), new SequenceSlice(alone, new[] { 6 })], outcomes);
        Assert.Equal(Bytes(alone), Bytes(goes));
    }

    [Fact]
    public void A_reader_of_logits_that_throws_fails_alone()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);
        using LanguageSession read = Behind(file, 100, 0), other = Behind(file, 90, 0);
        byte[] expected = Bytes(read);
        StepOutcome[] outcomes = new StepOutcome[2];
        int calls = 0;
        file.Model.Step(
            [
                new SequenceSlice(read, new[] { 1, 2, 3 }, (_, _) => throw new IOException($"reader {++calls}")),
                new SequenceSlice(other, new[] { 4 }),
            ],
            outcomes);
        Assert.Equal([StepResult.Failed, StepResult.Done], outcomes.Select(outcome => outcome.Result));
        Assert.Equal(("reader 1", 1), (outcomes[0].Cause!.Message, calls));
        Assert.Equal(expected, Bytes(read));
        Assert.Equal(91, other.Position);
    }

    [Fact]
    public void What_is_no_batch_is_refused_and_reads_nothing()
    {
        using TinyModelFile file = new(ForkTests.Tiny(null), chunk: 16), other = new(ForkTests.Tiny(null), chunk: 16);
        using LanguageSession one = file.Model.CreateSession(), two = file.Model.CreateSession(), foreign = other.Model.CreateSession();
        StepOutcome[] outcomes = new StepOutcome[2];
        ArgumentException long17 = Assert.Throws<ArgumentException>(
            () => file.Model.Step([new SequenceSlice(one, new int[9]), new SequenceSlice(two, new int[8])], outcomes));
        Assert.Contains("at most 16 tokens in a pass", long17.Message, StringComparison.Ordinal);
        Assert.Contains("found 17", long17.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => file.Model.Step([new SequenceSlice(one, new[] { 1 }), new SequenceSlice(one, new[] { 1 })], outcomes));
        Assert.Throws<ArgumentException>(() => file.Model.Step([new SequenceSlice(foreign, new[] { 1 })], outcomes));
        Assert.Throws<ArgumentException>(() => file.Model.Step([new SequenceSlice(one, new[] { 1 })], []));
        Assert.Equal((0, 0), (one.Position, two.Position));
        file.Model.Step([new SequenceSlice(one, ReadOnlyMemory<int>.Empty)], outcomes);
        Assert.Equal(StepResult.Failed, outcomes[0].Result);
    }

    [Fact]
    public void A_batch_has_the_same_bits_for_any_number_of_threads_and_the_logits_of_each_text_alone()
    {
        float[][]? expected = null;
        foreach (int threads in new[] { 1, 2, 3, 7 })
        {
            using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), threads, chunk: 64);
            LanguageSession[] sessions = [.. Enumerable.Range(0, 5).Select(i => Behind(file, 60 + 7 * i, i))];
            StepOutcome[] outcomes = new StepOutcome[5];
            for (int step = 0; step < 9; step++)
            {
                file.Model.Step([.. sessions.Select((session, i) => new SequenceSlice(session, new[] { 3 * step + i }))], outcomes);
                Assert.All(outcomes, outcome => Assert.Equal(StepResult.Done, outcome.Result));
            }
            float[][] found = [.. sessions.Select(session => session.LastLogits.ToArray())];
            expected ??= found;
            for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i]);
            for (int i = 0; i < sessions.Length; i++)
            {
                // One row and five are summed in another order: equal within rounding.
                using LanguageSession alone = Behind(file, 60 + 7 * i, i);
                for (int step = 0; step < 9; step++) file.Model.Forward(alone, [3 * step + i]);
                Assert.True(SessionTests.RelativeError(alone.LastLogits, sessions[i].LastLogits) < 1e-5);
                sessions[i].Dispose();
            }
        }
    }

    internal static byte[] Bytes(LanguageSession session)
    {
        using MemoryStream bytes = new();
        session.Save(bytes);
        return bytes.ToArray();
    }

    private static LanguageSession Behind(TinyModelFile file, int tokens, int more)
    {
        LanguageSession session = file.Model.CreateSession(
            s_small with { Kv = KvType.F32, Mode = file.Model.Config.Ahn is null ? MemoryMode.Window : null });
        file.Model.Forward(session, SessionTests.Ids(tokens, 1));
        foreach (int id in SessionTests.Ids(more, 2)) file.Model.Forward(session, [id]);
        return session;
    }

    private sealed class Throwing : IWork
    {
        public void Run(int item, int worker)
        {
            if (item == 5) throw new InvalidOperationException("item 5");
        }
    }
}
