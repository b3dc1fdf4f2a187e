using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Testing;

namespace AhnSharp.Fuzz;

/// <summary>
/// The archive beside a saved session, which stays as it is: mostly changed near its beginning, and with the checksum that belongs to the
/// changed header.
/// </summary>
internal static class ArchiveTarget
{
    private static readonly Lazy<CpuModel> s_model = new(static () =>
        new TinyModelFile(new TinyModel { Kind = HippocampusKind.DeltaNet, Hidden = 32, Ffn = 32 }, threads: 1, chunk: 32).Model);

    // Of a whole archive, and of one whose first blocks a limit has dropped.
    private static readonly Lazy<(string Snapshot, string Archive, byte[] Bytes)[]> s_saved = new(static () => [Saved(null), Saved(24)]);

    private static readonly TemporaryFolder s_folder = new();

    public static FuzzTarget Create() => new()
    {
        Name = "archive",
        Extension = ".archive",
        Seeds = static () => [.. s_saved.Value.Select(static saved => saved.Bytes)],
        Mutate = static (random, seeds) => Changed(random, seeds[random.Next(seeds.Count)]),
        Read = static (bytes, _) =>
        {
            // Under the snapshot whose id it has, or any.
            (string snapshot, string archive, byte[] _) = s_saved.Value.FirstOrDefault(
                saved => bytes.Length >= 28 && bytes.AsSpan(12, 16).SequenceEqual(saved.Bytes.AsSpan(12, 16)), s_saved.Value[0]);
            // Another file each time: what a session mapped must not be shortened under it.
            File.Delete(archive);
            File.WriteAllBytes(archive, bytes);
            using LanguageSession session = s_model.Value.LoadSession(snapshot);
            s_model.Value.Forward(session, [1, 2, 3]);
        },
        IsExpected = static e => e is SnapshotException,
        BytesPerByte = 64,
        ConstantBytes = 8 << 20,
        InputsInSuite = 500,
    };

    private static (string Snapshot, string Archive, byte[] Bytes) Saved(int? mostBlocks)
    {
        string path = Path.Combine(s_folder.Path, $"{mostBlocks ?? 0}.ahn");
        SessionOptions options = new()
        {
            Window = 40,
            Sinks = 6,
            Archive = new ArchiveOptions { BlockTokens = 8, CentreBlocks = 3, Candidates = 6, AttendedBlocks = 4 },
        };
        long block = s_model.Value.Plan(options).ArchiveBytes(54);
        options = options with { Archive = options.Archive with { LimitBytes = mostBlocks * block } };
        using LanguageSession session = s_model.Value.CreateSession(options);
        s_model.Value.Forward(session, [.. Enumerable.Range(0, 400).Select(static i => i * 7 % 120)], TokenPhase.Reading);
        session.Save(path);
        string archive = Directory.GetFiles(s_folder.Path, $"{Path.GetFileName(path)}.*.archive").Single();
        return (path, archive, File.ReadAllBytes(archive));
    }

    private static byte[] Changed(Random random, byte[] whole)
    {
        if (random.Next(4) == 0) return Mutator.InPlace(random, [whole], []);
        byte[] changed = [.. whole];
        for (int n = random.Next(1, 4); n > 0; n--) changed[random.Next(random.Next(2) == 0 ? 128 : 8192)] = (byte)random.Next(256);
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(4092), Crc32C.Of(changed.AsSpan(0, 4092)));
        return random.Next(8) == 0 ? changed[..random.Next(changed.Length)] : changed;
    }
}
