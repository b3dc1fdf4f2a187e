using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Testing;

namespace AhnSharp.Fuzz;

/// <summary>
/// Saved sessions, mostly with the checksums that belong to the changed bytes: what they say is proven, not only that they are whole.
/// </summary>
internal static class SnapshotTarget
{
    private static readonly Lazy<CpuModel> s_model = new(static () =>
        new TinyModelFile(new TinyModel { Kind = HippocampusKind.GatedDeltaNet, Hidden = 32, Ffn = 32 }, threads: 1, chunk: 32).Model);

    public static FuzzTarget Create() => new()
    {
        Name = "snapshot",
        Extension = ".ahn",
        Seeds = static () =>
        [
            Saved(MemoryMode.Ahn, KvType.F16, 100), Saved(MemoryMode.Full, KvType.F32, 70), Saved(MemoryMode.Window, KvType.F16, 60),
            Saved(MemoryMode.Ahn, KvType.Q8_0, 50), Saved(MemoryMode.Ahn, KvType.F16, 0),
        ],
        Mutate = static (random, seeds) => Sealed(random, seeds[random.Next(seeds.Count)], seeds),
        Read = static (bytes, path) =>
        {
            using (SnapshotFile file = SnapshotFile.Open(path))
            {
                file.Describe();
                file.Verify();
            }
            using LanguageSession session = s_model.Value.LoadSession(path);
            if (session.Position + 3 <= session.Plan.ContextTokens) s_model.Value.Forward(session, [1, 2, 3]);
        },
        // Another valid file, of numbers that lead to none: said when they are met.
        IsExpected = static e => e is SnapshotException
            || (e is InvalidModelException && e.Message.Contains("expected finite numbers", StringComparison.Ordinal)),
        BytesPerByte = 8,
        ConstantBytes = 2 << 20,
        InputsInSuite = 1500,
    };

    private static byte[] Saved(MemoryMode mode, KvType kv, int tokens)
    {
        using LanguageSession session = s_model.Value.CreateSession(new SessionOptions
        {
            Mode = mode,
            Window = mode == MemoryMode.Full ? null : 40,
            Sinks = mode == MemoryMode.Full ? null : 6,
            Kv = kv,
            ContextTokens = 256,
        });
        if (tokens > 0) s_model.Value.Forward(session, [.. Enumerable.Range(0, tokens).Select(static i => i * 7 % 120)]);
        using MemoryStream stream = new();
        session.Save(stream, new SnapshotOptions
        {
            Sections = new Dictionary<string, byte[]> { ["conversation"] = [1, 2, 3], ["documents"] = new byte[300] },
        });
        return stream.ToArray();
    }

    private static byte[] Sealed(Random random, byte[] whole, IReadOnlyList<byte[]> seeds)
    {
        byte[] changed = Mutator.InPlace(random, [whole], []);
        if (changed.Length != whole.Length || random.Next(4) == 0) return changed;
        int headerLength = (int)BinaryPrimitives.ReadUInt32LittleEndian(whole.AsSpan(12));
        using SnapshotFile file = SnapshotFile.Open(new MemoryStream(whole));
        uint header = Crc32C.Of(changed.AsSpan(0, headerLength - 4));
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(headerLength - 4), header);
        for (int i = 0; i < file.Sections.Length; i++)
        {
            SnapshotSection section = file.Sections[i];
            Crc32C crc = SnapshotFormat.Seed(header, i);
            crc.Append(changed.AsSpan((int)section.ByteOffset, (int)section.ByteLength));
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan((int)(section.ByteOffset + section.ByteLength)), crc.Value);
        }
        return changed;
    }
}
