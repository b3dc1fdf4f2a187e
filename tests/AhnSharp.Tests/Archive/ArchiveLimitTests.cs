using System;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Archive;

/// <summary>An archive that may take so many bytes: of a longer text the oldest blocks go.</summary>
public sealed class ArchiveLimitTests : IDisposable
{
    private const int Most = 24, Block = 8;

    private readonly TemporaryFolder _folder = new();
    private readonly TinyModelFile _file = new(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Blocks_go_by_segments_and_never_more_than_an_eighth_at_once()
    {
        ArchiveShape shape = Shape(1000);
        for (long blocks = 0; blocks < 5000; blocks++)
        {
            long first = shape.FirstKept(blocks), left = blocks - first;
            Assert.True(first % ArchiveStore.SegmentBlocks == 0 && left <= 1000 && first <= shape.FirstKept(blocks + 1));
            Assert.True(first == 0 ? left == blocks : left > 1000 - 125, $"{blocks}: {left}");
        }
    }

    [Fact]
    public void Files_memory_and_counts_stay_within_the_limit()
    {
        using LanguageSession session = Session();
        string path = Path.Combine(_folder.Path, "book.ahn");
        long limit = session.Plan.Archive!.LimitBytes!.Value, block = session.Archive!.Shape.BlockBytes;
        int saves = 0;
        for (int i = 0; i < 60; i++)
        {
            _file.Model.Forward(session, SessionTests.Ids(60, i), TokenPhase.Reading);
            Assert.InRange(session.ArchiveBytes, 0, limit);
            Assert.InRange(session.ArchiveIndexBytes, 0, (Most + 16) * session.Archive.Shape.IndexBytes + 4096);
            // What the pass sealed is written before the oldest goes.
            Assert.InRange(session.Archive.File.ByteLength, 0, limit + 24 * block);
            Assert.Equal(session.Tally.Archived * block / Block, session.ArchiveBytes);
            if (i % 7 != 6) continue;
            session.Save(path);
            saves++;
            Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_folder.Path, "*.archive"))).Length, 1, limit + 8192);
        }
        Assert.Equal(8, saves);
        Assert.True(session.Plan.ArchiveDropped(session.Position) > 2000);
        // In a session with a memory they live on in it.
        Tally tally = session.Tally;
        Assert.Equal(
            (session.Plan.ArchiveDropped(session.Position), 0, session.Position - 44),
            (tally.Seen - tally.ExactlyReadable, tally.Dropped, tally.Compressed));
    }

    [Fact]
    public void What_is_saved_goes_on_bit_for_bit_and_its_index_has_the_same_bits()
    {
        using LanguageSession session = Session();
        string path = Path.Combine(_folder.Path, "book.ahn");
        _file.Model.Forward(session, SessionTests.Ids(900, 1), TokenPhase.Reading);
        session.Save(path);
        using LanguageSession loaded = _file.Model.LoadSession(path);
        ArchiveStore here = session.Archive!, there = loaded.Archive!;
        Assert.True(here.First > 0);
        Assert.Equal((here.First, here.Kept), (there.First, there.Kept));
        for (long block = here.First; block < here.Kept; block++)
        {
            for (int slot = 0; slot < here.Shape.Heads; slot++)
                Assert.Equal(here.Index(block, slot).ToArray(), there.Index(block, slot).ToArray());
        }
        for (int i = 0; i < 4; i++)
        {
            foreach (LanguageSession one in (LanguageSession[])[session, loaded]) _file.Model.Forward(one, SessionTests.Ids(70, 50 + i));
            Assert.Equal(session.LastLogits.ToArray(), loaded.LastLogits.ToArray());
            if (i == 1) loaded.Save(path);
        }
        using SnapshotFile file = SnapshotFile.Open(path);
        Assert.Equal(session.Plan.Archive!.LimitBytes, file.Archive!.LimitBytes);
        Assert.True(file.ArchiveDropped > 0 && file.ArchiveBytes <= file.Archive.LimitBytes);
        Tally tally = file.Describe().Tally;
        Assert.Equal(file.ArchiveDropped, tally.Seen - tally.ExactlyReadable);
    }

    // Each token asks the blocks that were left when it came, also where a later one of its chunk drops some. In floats: bytes that are
    // rounded the other way in a chunk may choose another block.
    [Fact]
    public void What_is_dropped_does_not_depend_on_how_the_text_was_cut()
    {
        int[] ids = SessionTests.Ids(500, 4);
        using LanguageSession whole = Session(type: ArchiveType.F32), pieces = Session(type: ArchiveType.F32),
            unlimited = Session(limited: false, ArchiveType.F32);
        foreach (LanguageSession session in (LanguageSession[])[whole, pieces, unlimited])
            _file.Model.Forward(session, SessionTests.Ids(400, 1), TokenPhase.Reading);
        _file.Model.Forward(whole, ids);
        _file.Model.Forward(unlimited, ids);
        for (int i = 0; i < ids.Length; i++) _file.Model.Forward(pieces, ids.AsSpan(i, 1));
        Assert.Equal(whole.Archive!.First, pieces.Archive!.First);
        double Off(LanguageSession a, LanguageSession b) =>
            a.LastLogits.ToArray().Zip(b.LastLogits.ToArray(), static (x, y) => Math.Abs(x - y)).Max();
        // A code of the archive may flip where a key was summed in another order: 1/127 of its largest entry.
        double cut = Off(whole, pieces), dropped = Off(whole, unlimited);
        Assert.True(cut < 0.01 && dropped > 5 * cut, $"cut otherwise {cut}, with the dropped blocks {dropped}");
    }

    [Fact]
    public void Damaged_centres_and_a_limit_of_a_few_blocks_are_refused_by_a_sentence()
    {
        using LanguageSession session = Session();
        string path = Path.Combine(_folder.Path, "book.ahn");
        _file.Model.Forward(session, SessionTests.Ids(900, 1), TokenPhase.Reading);
        session.Save(path);
        string archive = Assert.Single(Directory.GetFiles(_folder.Path, "*.archive"));
        byte[] bytes = File.ReadAllBytes(archive);
        session.Dispose();
        bytes[4100] ^= 1;
        File.WriteAllBytes(archive, bytes);
        Assert.Contains(
            "centres", Assert.Throws<SnapshotException>(() => _file.Model.LoadSession(path).Dispose()).Message, StringComparison.Ordinal);
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => Shape(10)).Message;
        Assert.Contains("at least", message, StringComparison.Ordinal);
    }

    private static ArchiveOptions Options(long? limit, ArchiveType type = ArchiveType.EightBits) => new()
    {
        BlockTokens = Block,
        CentreBlocks = 3,
        Candidates = 6,
        AttendedBlocks = 6,
        Type = type,
        Threshold = -1e9f,
        Readout = ArchiveReadout.Off,
        LimitBytes = limit,
    };

    private static ArchiveShape Shape(int mostBlocks)
    {
        ArchiveShape free = new(Options(null), 1, 1, 32, _ => true, 4, 40);
        return new ArchiveShape(Options(mostBlocks * free.BlockBytes), 1, 1, 32, _ => true, 4, 40);
    }

    private LanguageSession Session(bool limited = true, ArchiveType type = ArchiveType.EightBits)
    {
        SessionOptions free = new()
        {
            Window = 40,
            Sinks = 4,
            Kv = KvType.F32,
            Archive = Options(null, type),
            ArchiveFolder = _folder.Path,
        };
        long block = _file.Model.Plan(free).Shape!.BlockBytes;
        return _file.Model.CreateSession(free with { Archive = Options(limited ? Most * block : null, type) });
    }
}
