using System;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Archive;

public sealed class ArchiveFileTests : IDisposable
{
    private static readonly SessionOptions s_session = new()
    {
        Window = 40,
        Sinks = 4,
        Reach = 200,
        Archive = new ArchiveOptions { CentreBlocks = 3, Candidates = 4, AttendedBlocks = 2, Threshold = -9, Readout = ArchiveReadout.On },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly TinyModelFile _file = new(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ArchiveType.EightBits, 400)]
    [InlineData(ArchiveType.FourBits, 400)]
    [InlineData(ArchiveType.EightBits, 30)]
    [InlineData(ArchiveType.EightBits, 2)]
    [InlineData(ArchiveType.EightBits, 44 + 32)]
    public void A_snapshot_that_was_moved_with_its_archive_goes_on_bit_for_bit(ArchiveType type, int tokens)
    {
        string path = Path.Combine(_folder.Path, "book.ahn"), elsewhere = Path.Combine(_folder.Path, "elsewhere");
        using LanguageSession session = Read(s_session with { Archive = s_session.Archive! with { Type = type } }, tokens);
        session.Save(path);
        Directory.CreateDirectory(elsewhere);
        foreach (string file in Directory.GetFiles(_folder.Path)) File.Move(file, Path.Combine(elsewhere, Path.GetFileName(file)));
        using LanguageSession loaded = _file.Model.LoadSession(Path.Combine(elsewhere, "book.ahn"), s_session with { Archive = null });
        Assert.Equal(session.Plan.Archive, loaded.Plan.Archive);
        Assert.Equal(session.Tally, loaded.Tally);
        int[] question = SessionTests.Ids(90, 8);
        foreach (LanguageSession one in (LanguageSession[])[session, loaded])
        {
            _file.Model.Forward(one, question);
            _file.Model.Forward(one, [5]);
        }
        Assert.Equal(session.LastLogits.ToArray(), loaded.LastLogits.ToArray());
    }

    [Fact]
    public void Saving_again_appends_and_two_that_went_on_from_one_file_do_not_disturb_each_other()
    {
        string path = Path.Combine(_folder.Path, "chat.ahn"), other = Path.Combine(_folder.Path, "other.ahn");
        using LanguageSession session = Read(s_session, 400);
        session.Save(path);
        string archive = Assert.Single(Directory.GetFiles(_folder.Path, "*.archive"));
        byte[] first = File.ReadAllBytes(archive);
        using LanguageSession loaded = _file.Model.LoadSession(path);
        _file.Model.Forward(session, SessionTests.Ids(100, 2));
        session.Save(path);
        Assert.Equal(archive, Assert.Single(Directory.GetFiles(_folder.Path, "*.archive")));
        byte[] second = File.ReadAllBytes(archive);
        Assert.Equal(first, second[..first.Length]);
        Assert.Equal(3 * session.Archive!.Shape.BlockBytes, second.Length - first.Length);
        // It has other tokens where the file has grown: it must make its own.
        _file.Model.Forward(loaded, SessionTests.Ids(200, 3));
        loaded.Save(path);
        Assert.NotEqual(archive, Assert.Single(Directory.GetFiles(_folder.Path, "*.archive")));
        session.Save(other);
        Assert.Equal(2, Directory.GetFiles(_folder.Path, "*.archive").Length);
        foreach ((LanguageSession one, string saved) in new[] { (loaded, path), (session, other) })
        {
            using LanguageSession again = _file.Model.LoadSession(saved);
            _file.Model.Forward(again, [1, 2, 3]);
            _file.Model.Forward(one, [1, 2, 3]);
            Assert.Equal(one.LastLogits.ToArray(), again.LastLogits.ToArray());
        }
    }

    [Fact]
    public void A_checkpoint_whose_name_goes_on_from_the_output_has_an_archive_of_its_own()
    {
        string path = Path.Combine(_folder.Path, "book.ahn"), checkpoint = path + ".reading";
        using LanguageSession session = Read(s_session, 400);
        session.Save(checkpoint);
        session.Save(path);
        Assert.Equal(4, Directory.GetFiles(_folder.Path).Length);
        SessionSnapshots.Delete(checkpoint);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        using LanguageSession loaded = _file.Model.LoadSession(path);
        Assert.Equal(400, loaded.Position);
    }

    [Fact]
    public void A_shorter_a_changed_and_another_archive_are_refused_by_name_and_a_longer_one_is_cut()
    {
        string path = Path.Combine(_folder.Path, "book.ahn"), second = Path.Combine(_folder.Path, "second.ahn");
        using LanguageSession session = Read(s_session, 400), stranger = Read(s_session, 401);
        session.Save(path);
        string archive = Assert.Single(Directory.GetFiles(_folder.Path, "*.archive"));
        byte[] whole = File.ReadAllBytes(archive);
        stranger.Save(second);
        byte[] strange = File.ReadAllBytes(Directory.GetFiles(_folder.Path, "second*.archive").Single());
        byte[] flipped = [.. whole];
        flipped[5000] ^= 1;
        foreach ((byte[] bytes, string sentence) in new[]
        {
            (whole[..^1], "at least"), (flipped, "block 0: expected the checksum"), (strange, "found another"),
            (Array.Empty<byte>(), "at least"),
        })
        {
            File.WriteAllBytes(archive, bytes);
            string message = Assert.Throws<SnapshotException>(() => _file.Model.LoadSession(path).Dispose()).Message;
            Assert.Contains(sentence, message, StringComparison.Ordinal);
            Assert.Contains(archive, message, StringComparison.Ordinal);
        }
        File.Delete(archive);
        string missing = Assert.Throws<SnapshotException>(() => _file.Model.LoadSession(path).Dispose()).Message;
        Assert.Contains(archive, missing, StringComparison.Ordinal);
        File.WriteAllBytes(archive, [.. whole, .. strange[5000..9000]]);
        using LanguageSession loaded = _file.Model.LoadSession(path);
        Assert.Equal(400, loaded.Position);
    }

    [Fact]
    public void A_reach_alone_is_kept_too_and_a_stream_cannot_hold_an_archive()
    {
        using LanguageSession reach = Read(s_session with { Archive = null }, 300), archived = Read(s_session, 300);
        using MemoryStream bytes = new();
        reach.Save(bytes);
        bytes.Position = 0;
        using LanguageSession loaded = _file.Model.LoadSession(bytes);
        Assert.Equal(200, loaded.Plan.Reach);
        _file.Model.Forward(loaded, [1]);
        _file.Model.Forward(reach, [1]);
        Assert.Equal(reach.LastLogits.ToArray(), loaded.LastLogits.ToArray());
        Assert.Contains("under a path", Assert.Throws<NotSupportedException>(() => archived.Save(bytes)).Message, StringComparison.Ordinal);
    }

    private LanguageSession Read(SessionOptions options, int tokens)
    {
        LanguageSession session = _file.Model.CreateSession(options);
        _file.Model.Forward(session, SessionTests.Ids(tokens, 1), TokenPhase.Reading);
        return session;
    }
}
