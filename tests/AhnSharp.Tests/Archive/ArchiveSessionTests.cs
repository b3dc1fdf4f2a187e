using System;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Archive;

public sealed class ArchiveSessionTests
{
    private const int Window = 40, Sinks = 4;

    // Of 600 tokens 17 blocks of 32: the index chooses 4, exact scores 2 of them.
    private static readonly ArchiveOptions s_small = new()
    {
        BlockTokens = 32,
        CentreBlocks = 3,
        Candidates = 4,
        AttendedBlocks = 2,
        Threshold = -1e9f,
    };

    private static readonly SessionOptions s_session = new() { Window = Window, Sinks = Sinks, Kv = KvType.F32, Archive = s_small };

    // What is exact, pending or archived is everything: so a session that reads all of it computes what full attention does.
    [Theory]
    [InlineData(null, false, false)]
    [InlineData(null, true, false)]
    [InlineData(null, false, true)]
    [InlineData(HippocampusKind.GatedDeltaNet, false, false)]
    public void A_session_that_reads_every_block_is_full_attention(HippocampusKind? kind, bool yarn, bool headNorms)
    {
        TinyModel tiny = new() { Kind = kind, Seed = 31, HeadNorms = headNorms, Yarn = yarn ? (4, 64) : null };
        using var file = new TinyModelFile(tiny, chunk: 64);
        int[] ids = SessionTests.Ids(300, 5);
        SessionOptions archived = s_session with
        {
            Mode = kind is null ? MemoryMode.Window : MemoryMode.Ahn,
            Archive = new ArchiveOptions
            {
                BlockTokens = 8,
                Candidates = 64,
                AttendedBlocks = 64,
                CentreBlocks = 64,
                Threshold = float.NegativeInfinity,
                Type = ArchiveType.F32,
                Readout = ArchiveReadout.Off,
            },
        };
        foreach (int piece in (int[])[300, 50, 1])
        {
            using LanguageSession full = file.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Full, Kv = KvType.F32 }),
                session = file.Model.CreateSession(archived);
            file.Model.Forward(full, ids);
            for (int at = 0; at < ids.Length; at += piece) file.Model.Forward(session, ids.AsSpan(at, piece));
            Near(full, session);
            using LanguageSession window = file.Model.CreateSession(archived with { Archive = null, Mode = MemoryMode.Window });
            file.Model.Forward(window, ids);
            Assert.NotEqual(window.LastLogits[0], session.LastLogits[0], 1e-3f);
        }
    }

    [Fact]
    public void The_bits_do_not_depend_on_the_number_of_threads()
    {
        int[] ids = SessionTests.Ids(640, 7);
        float[]? expected = null;
        foreach (int threads in (int[])[1, 2, 3, 7])
        {
            using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), threads, chunk: 64);
            using LanguageSession session = file.Model.CreateSession(s_session with { Reach = 200 });
            file.Model.Forward(session, ids.AsSpan(0, 500), TokenPhase.Reading);
            file.Model.Forward(session, ids.AsSpan(500, 100));
            for (int i = 600; i < ids.Length; i++) file.Model.Forward(session, ids.AsSpan(i, 1));
            expected ??= session.LastLogits.ToArray();
            Assert.Equal(expected, session.LastLogits.ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void A_pass_that_fails_at_any_layer_leaves_the_archive_as_it_was(int rows)
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.Mamba2), chunk: 64);
        int[] ids = SessionTests.Ids(rows, 9), wrong = SessionTests.Ids(rows, 10);
        // With 140 tokens the third block, which settles the centre, fills at the next one.
        using LanguageSession session = Behind(file, 139), fresh = Behind(file, 139);
        for (int layer = 0; layer < file.Model.Config.LayerCount; layer++)
        {
            int failing = layer;
            file.Model.Stage.BeforeLayer = n =>
            {
                if (n == failing) throw new InvalidOperationException("x");
            };
            Assert.Throws<InvalidOperationException>(() => file.Model.Forward(session, wrong));
        }
        file.Model.Stage.BeforeLayer = null;
        for (int i = 0; i < 3; i++)
        {
            file.Model.Forward(session, ids);
            file.Model.Forward(fresh, ids);
            Assert.Equal(fresh.LastLogits.ToArray(), session.LastLogits.ToArray());
        }
        for (int block = 0; block < session.Archive!.Shape.Sealed(session.Position); block++)
            Assert.Equal(fresh.Archive!.Block(block).ToArray(), session.Archive.Block(block).ToArray());
    }

    [Fact]
    public void Forks_go_on_without_each_other_and_a_batch_is_what_each_is_alone()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);
        using LanguageSession one = Behind(file, 400), two = one.Fork(), alone = Behind(file, 400), plain = Plain(file, 90),
            plainAlone = Plain(file, 90);
        int[] a = SessionTests.Ids(30, 1), b = SessionTests.Ids(20, 2);
        StepOutcome[] outcomes = new StepOutcome[3];
        file.Model.Step(
            [new SequenceSlice(one, a), new SequenceSlice(two, b, Phase: TokenPhase.Reading), new SequenceSlice(plain, new[] { 3 })],
            outcomes);
        Assert.All(outcomes, outcome => Assert.Equal(StepResult.Done, outcome.Result));
        file.Model.Forward(alone, a);
        file.Model.Forward(plainAlone, [3]);
        Near(alone, one);
        Near(plainAlone, plain);
        Assert.NotEqual(one.LastLogits[0], two.LastLogits[0]);
        Assert.True(one.Archive!.BlockBytes > 0 && LanguageSession.BytesTogether([one, two])
            < LanguageSession.BytesTogether([one]) + LanguageSession.BytesTogether([two]));
    }

    [Theory]
    [InlineData(ArchiveReading.Ahn)]
    [InlineData(ArchiveReading.Window)]
    public void Reading_is_what_it_is_without_an_archive(ArchiveReading reading)
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.GatedDeltaNet), chunk: 64);
        int[] ids = SessionTests.Ids(300, 3);
        using LanguageSession session = file.Model.CreateSession(s_session with { Archive = s_small with { Reading = reading } }),
            plain = file.Model.CreateSession(
                s_session with { Archive = null, Mode = reading == ArchiveReading.Ahn ? MemoryMode.Ahn : MemoryMode.Window });
        file.Model.Forward(session, ids, TokenPhase.Reading);
        file.Model.Forward(plain, ids);
        Near(plain, session);
    }

    [Fact]
    public void A_token_that_asks_allocates_nothing()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), threads: 1, chunk: 64);
        using LanguageSession session = Behind(file, 600);
        for (int i = 0; i < 40; i++) file.Model.Forward(session, [i]);
        long before = GC.GetAllocatedBytesForCurrentThread(), sealedBefore = session.Archive!.Shape.Sealed(session.Position);
        for (int i = 0; i < 40; i++) file.Model.Forward(session, [i]);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(session.Archive.Shape.Sealed(session.Position) > sealedBefore);
    }

    [Fact]
    public void Every_token_is_counted_as_what_it_is()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);
        using LanguageSession session = Behind(file, 44 + 70);
        // What is archived, and what waits for its block, was compressed too; nothing is lost.
        Assert.Equal(new Tally(114, 44 + 6, 64, 70, 0), session.Tally);
        Assert.Equal(session.Position, session.Tally.ExactlyReadable);
        Assert.Equal(new Tally(114, 44 + 6, 64, 0, 0), file.Model.Plan(
            new SessionOptions { Mode = MemoryMode.Window, Window = 40, Sinks = 4, Archive = session.Plan.Archive }).Tally(114));
        Assert.Equal(new Tally(114, 44, 0, 0, 70), file.Model.Plan(
            new SessionOptions { Mode = MemoryMode.Window, Window = 40, Sinks = 4 }).Tally(114));
        Assert.Equal(session.Plan.ArchiveBytes(session.Position), session.ArchiveBytes);
        session.Reset();
        Assert.Equal((0, 0), (session.ArchiveBytes, session.ArchiveIndexBytes));
    }

    [Fact]
    public void What_cannot_be_archived_is_refused_by_a_sentence()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);
        Assert.Contains("keeps everything", Assert.Throws<InvalidOperationException>(
            () => file.Model.CreateSession(s_session with { Mode = MemoryMode.Full })).Message, StringComparison.Ordinal);
        Assert.Contains("multiple of 8", Assert.Throws<ArgumentOutOfRangeException>(
            () => file.Model.CreateSession(s_session with { Archive = s_small with { BlockTokens = 12 } })).Message,
            StringComparison.Ordinal);
        // Layer 1 keeps full attention: nothing leaves it.
        Assert.Contains("found head 0 of layer 1", Assert.Throws<ArgumentOutOfRangeException>(
            () => file.Model.CreateSession(s_session with { Archive = s_small with { Heads = [(1, 0)] } })).Message,
            StringComparison.Ordinal);
        Assert.Contains("reach", Assert.Throws<ArgumentOutOfRangeException>(
            () => file.Model.CreateSession(s_session with { Reach = 43 })).Message, StringComparison.Ordinal);
    }

    private static void Near(LanguageSession expected, LanguageSession found)
    {
        double error = Errors.RelativeL2(
            found.LastLogits.ToArray().Select(x => (double)x), expected.LastLogits.ToArray().Select(x => (double)x));
        Assert.True(error <= 1e-5, $"relative error {error:e2}");
    }

    private static LanguageSession Behind(TinyModelFile file, int tokens)
    {
        LanguageSession session = file.Model.CreateSession(s_session);
        file.Model.Forward(session, SessionTests.Ids(tokens, 1), TokenPhase.Reading);
        return session;
    }

    private static LanguageSession Plain(TinyModelFile file, int tokens)
    {
        LanguageSession session = file.Model.CreateSession(s_session with { Archive = null });
        file.Model.Forward(session, SessionTests.Ids(tokens, 1));
        return session;
    }
}
