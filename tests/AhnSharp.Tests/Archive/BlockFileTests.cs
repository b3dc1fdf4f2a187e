using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Files;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Archive;

/// <summary>Where the blocks of an archive lie: in files, however long the text is.</summary>
public sealed class BlockFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyModelFile _file = new(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Memory_grows_by_the_index_alone()
    {
        // No layer of it keeps everything in memory.
        using var file = new TinyModelFile(new TinyModel { Kind = HippocampusKind.DeltaNet, Seed = 3 }, chunk: 64);
        using LanguageSession session = file.Model.CreateSession(Options(_folder.Path));
        file.Model.Forward(session, SessionTests.Ids(2000, 1), TokenPhase.Reading);
        long memory = Memory(session), index = session.ArchiveIndexBytes, blocks = session.ArchiveBytes;
        file.Model.Forward(session, SessionTests.Ids(6000, 2), TokenPhase.Reading);
        Assert.True(session.ArchiveBytes > 3 * blocks && session.ArchiveIndexBytes > 3 * index);
        Assert.Equal(session.ArchiveIndexBytes - index, Memory(session) - memory);
        // What one chunk seals, and nothing else of the blocks.
        (object Part, long Bytes) sealing = Assert.Single(session.Archive!.Parts, part => part.Part is NativeBuffer);
        Assert.InRange(sealing.Bytes, session.Archive.Shape.BlockBytes, 3 * session.Archive.Shape.BlockBytes);
        session.Save(Path.Combine(_folder.Path, "book.ahn"));
        Assert.Equal(0, session.Archive.File.ByteLength);
    }

    [UnixFact]
    public void The_file_of_what_is_not_saved_has_no_name_that_a_killed_process_could_leave_behind()
    {
        using LanguageSession session = Read(600);
        Assert.True(session.ArchiveBytes > 0 && session.Archive!.File.ByteLength >= session.ArchiveBytes);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        string missing = Path.Combine(_folder.Path, "no such folder");
        using LanguageSession homeless = _file.Model.CreateSession(Options(missing));
        string message = Assert.Throws<IOException>(() => _file.Model.Forward(homeless, SessionTests.Ids(200, 1))).Message;
        Assert.Contains(missing, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_a_sentence_and_the_session_stands_where_it_stood()
    {
        using LanguageSession session = Read(600), fresh = Read(600);
        int[] ids = SessionTests.Ids(300, 7);
        for (int room = 0; room < 2; room++)
        {
            int left = room;
            session.Archive!.File.BeforeWrite = _ =>
            {
                if (left-- == 0) throw new IOException("No space left on device");
            };
            string message = Assert.Throws<IOException>(() => _file.Model.Forward(session, ids.AsSpan(0, 64))).Message;
            Assert.Contains(_folder.Path, message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", message, StringComparison.Ordinal);
            Assert.Equal((600, fresh.Archive!.Kept), (session.Position, session.Archive.Kept));
            // A fork of such a session takes nothing from it.
            using LanguageSession fork = session.Fork();
            fork.Archive!.File.BeforeWrite = null;
            _file.Model.Forward(fork, SessionTests.Ids(90, 8));
        }
        session.Archive!.File.BeforeWrite = null;
        for (int i = 0; i < ids.Length; i += 50)
        {
            _file.Model.Forward(session, ids.AsSpan(i, 50));
            _file.Model.Forward(fresh, ids.AsSpan(i, 50));
            Assert.Equal(fresh.LastLogits.ToArray(), session.LastLogits.ToArray());
        }
    }

    [Fact]
    public void A_saved_session_reads_the_saved_file_and_its_own_place_is_free()
    {
        using LanguageSession session = Read(600), twin = Read(600), fork = session.Fork();
        string path = Path.Combine(_folder.Path, "book.ahn");
        session.Save(path);
        // The fork keeps what it has.
        Assert.True(session.Archive!.File.ByteLength > 0);
        fork.Dispose();
        Assert.Equal(0, session.Archive.File.ByteLength);
        for (int i = 0; i < 3; i++)
        {
            _file.Model.Forward(session, SessionTests.Ids(100, i));
            _file.Model.Forward(twin, SessionTests.Ids(100, i));
            Assert.Equal(twin.LastLogits.ToArray(), session.LastLogits.ToArray());
            if (i == 1) session.Save(path);
        }
        using LanguageSession loaded = _file.Model.LoadSession(path, Options(_folder.Path) with { Archive = null });
        Assert.Equal(session.Archive.Block(3).ToArray()[..100], loaded.Archive!.Block(3).ToArray()[..100]);
    }

    [UnixFact]
    public void Under_another_name_in_the_same_folder_nothing_is_copied_and_each_goes_on_alone()
    {
        using LanguageSession session = Read(600);
        string[] paths = [Path.Combine(_folder.Path, "a.ahn"), Path.Combine(_folder.Path, "b.ahn")];
        session.Save(paths[0]);
        session.Save(paths[1]);
        string[] archives = Directory.GetFiles(_folder.Path, "*.archive");
        Assert.Equal(2, archives.Length);
        Assert.Equal(FileIdentity.Of(archives[0]), FileIdentity.Of(archives[1]));
        // Back under the first name, further on: the second snapshot sees a longer file, and no more of it than is its own.
        _file.Model.Forward(session, SessionTests.Ids(100, 3));
        session.Save(paths[0]);
        Assert.Equal(2, Directory.GetFiles(_folder.Path, "*.archive").Length);
        using LanguageSession first = _file.Model.LoadSession(paths[0]), second = _file.Model.LoadSession(paths[1]);
        Assert.Equal((700, 600), (first.Position, second.Position));
        _file.Model.Forward(second, SessionTests.Ids(200, 4));
        second.Save(paths[1]);
        using LanguageSession again = _file.Model.LoadSession(paths[0]);
        Assert.Equal(700, again.Position);
    }

    [Fact]
    public void A_session_that_has_forgotten_its_text_does_not_take_the_file_of_it()
    {
        using LanguageSession session = Read(600), still = session.Fork();
        int beginnings = session.Beginnings;
        session.Reset();
        _file.Model.Forward(session, SessionTests.Ids(600, 99));
        session.Adopt(still, beginnings, new ArchiveOrigin(Path.Combine(_folder.Path, "x"), Guid.NewGuid(), 0, 3, 1), null!);
        Assert.Null(session.Archive!.Origin);
    }

    private static SessionOptions Options(string folder) => new()
    {
        Window = 40,
        Sinks = 4,
        Archive = new ArchiveOptions { CentreBlocks = 3, Candidates = 4, AttendedBlocks = 2, Threshold = -9 },
        ArchiveFolder = folder,
    };

    private LanguageSession Read(int tokens)
    {
        LanguageSession session = _file.Model.CreateSession(Options(_folder.Path));
        _file.Model.Forward(session, SessionTests.Ids(tokens, 1), TokenPhase.Reading);
        return session;
    }

    // Without the ids of the text, which are taken by doubling.
    private static long Memory(LanguageSession session)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        return session.Parts.Where(part => seen.Add(part.Part)).Sum(part => part.Bytes) - session.HistoryBytes;
    }
}
