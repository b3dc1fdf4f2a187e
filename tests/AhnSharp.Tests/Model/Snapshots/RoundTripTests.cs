using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>A session that was saved and loaded gives the bits of one that was not, wherever the text was cut.</summary>
public sealed class RoundTripTests
{
    private const int W = 40, S = 6, Chunk = 32;

    // Nothing read, sinks alone, window not full, one before, at and after the first token that leaves, a chunk's
    // cut, several turns of the ring.
    private static readonly int[] s_positions = [0, 3, 30, 45, 46, 47, 64, 333];

    public static TheoryData<HippocampusKind?, MemoryMode, KvType> Sessions()
    {
        var sessions = new TheoryData<HippocampusKind?, MemoryMode, KvType>();
        foreach (KvType kv in Enum.GetValues<KvType>())
        {
            foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>()) sessions.Add(kind, MemoryMode.Ahn, kv);
            sessions.Add(HippocampusKind.DeltaNet, MemoryMode.Window, kv);
            sessions.Add(null, MemoryMode.Window, kv);
            sessions.Add(HippocampusKind.Mamba2, MemoryMode.Full, kv);
        }
        return sessions;
    }

    // The tiny model has a layer with full attention wherever it has a memory.
    [Theory]
    [MemberData(nameof(Sessions))]
    public void Goes_on_bit_for_bit(HippocampusKind? kind, MemoryMode mode, KvType kv)
    {
        using var file = new TinyModelFile(ForkTests.Tiny(kind), chunk: Chunk);
        using var folder = new TemporaryFolder();
        SessionOptions options = Options(mode, kv);
        foreach (int position in s_positions)
        {
            int[] text = SessionTests.Ids(position, position), more = SessionTests.Ids(75, 7);
            using LanguageSession session = ForkTests.Fed(file, options, text);
            string path = folder.PathOf($"{position}.ahn");
            session.Save(path);
            using LanguageSession loaded = file.Model.LoadSession(path, options);
            Assert.Equal((position, mode, session.Window, session.Sinks, kv),
                (loaded.Position, loaded.Mode, loaded.Window, loaded.Sinks, loaded.Kv));
            Assert.Equal(text, loaded.Tokens);
            Assert.Equal(session.LastLogits, loaded.LastLogits);
            Assert.Equal(0, loaded.BytesCopied);
            foreach (int[] step in new[] { more[..1], more[1..2], more[2..30], more[30..] })
            {
                file.Model.Forward(session, step);
                file.Model.Forward(loaded, step);
                Assert.Equal(session.LastLogits, loaded.LastLogits);
            }
            // Saved again where it stands now: what a loaded session writes is what the first would have written.
            Assert.Equal(Bytes(session), Bytes(loaded));
        }
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Goes_on_within_rounding_where_chunks_and_cuts_differ(HippocampusKind kind)
    {
        int[] text = SessionTests.Ids(300, 1), more = SessionTests.Ids(80, 2);
        SessionOptions options = Options(MemoryMode.Ahn, KvType.F32);
        using var small = new TinyModelFile(ForkTests.Tiny(kind), chunk: 16);
        using var large = new TinyModelFile(ForkTests.Tiny(kind), threads: 1, chunk: 128);
        using LanguageSession whole = ForkTests.Fed(large, options, [.. text, .. more]);
        foreach (int cut in new[] { 1, 46, 100, 299 })
        {
            using LanguageSession session = ForkTests.Fed(small, options, text[..cut]);
            small.Model.Forward(session, text.AsSpan(cut));
            // Written by a model with other chunks, from a file of another name.
            using LanguageSession loaded = large.Model.LoadSession(new MemoryStream(Bytes(session)));
            large.Model.Forward(loaded, more.AsSpan(0, 33));
            large.Model.Forward(loaded, more.AsSpan(33));
            Assert.True(SessionTests.RelativeError(whole.LastLogits, loaded.LastLogits) < 1e-5, $"cut at {cut}");
        }
    }

    [Fact]
    public void The_bytes_do_not_depend_on_chunks()
    {
        int[] text = SessionTests.Ids(45, 1);
        byte[][] tokens = new byte[2][];
        for (int i = 0; i < 2; i++)
        {
            using var file = new TinyModelFile(new TinyModel(), chunk: 48 * (i + 1));
            using LanguageSession session = ForkTests.Fed(file, Options(MemoryMode.Window, KvType.F16), text);
            byte[] bytes = Bytes(session);
            using SnapshotFile snapshot = SnapshotFile.Open(new MemoryStream(bytes));
            SnapshotSection ring = snapshot.Sections.Single(section => section.Kind == SnapshotSectionKind.Ring && section.Layer == 1);
            tokens[i] = bytes[(int)ring.ByteOffset..(int)(ring.ByteOffset + ring.ByteLength)];
        }
        Assert.Equal(tokens[0], tokens[1]);
    }

    [Fact]
    public void A_stream_need_not_seek_and_may_go_on_behind_the_snapshot()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: Chunk);
        using LanguageSession session = ForkTests.Fed(file, Options(MemoryMode.Ahn, KvType.F16), SessionTests.Ids(90, 1));
        byte[] note = [1, 2, 3];
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            session.Save(zip, new SnapshotOptions { Sections = new Dictionary<string, byte[]> { ["note"] = note } });
            zip.WriteByte(77);
        }
        packed.Position = 0;
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        var sections = new Dictionary<string, byte[]>();
        using LanguageSession loaded = file.Model.LoadSession(unpacked, null, sections);
        Assert.Equal(note, sections["note"]);
        Assert.Equal(77, unpacked.ReadByte());
        Assert.Equal(Bytes(session), Bytes(loaded));
    }

    [Fact]
    public void The_header_is_read_without_the_model()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.GatedDeltaNet), chunk: Chunk);
        using var folder = new TemporaryFolder();
        using LanguageSession session = ForkTests.Fed(file, Options(MemoryMode.Ahn, KvType.F16), SessionTests.Ids(90, 1));
        string path = folder.PathOf("book.ahn");
        session.Save(path, new SnapshotOptions { Sections = new Dictionary<string, byte[]> { ["b"] = [4, 5], ["a"] = [] } });
        using SnapshotFile snapshot = SnapshotFile.Open(path);
        Assert.Equal((MemoryMode.Ahn, W, S, KvType.F16, KvType.F16, 90L),
            (snapshot.Mode, snapshot.Window, snapshot.Sinks, snapshot.Kv, snapshot.HeldKv, snapshot.Position));
        Assert.Equal(file.Model.Identity, snapshot.Model);
        Assert.Equal(HippocampusKind.GatedDeltaNet, snapshot.Rule?.Kind);
        Assert.Equal(new FileInfo(path).Length, snapshot.ByteLength);
        Assert.Equal(SessionTests.Ids(90, 1), snapshot.ReadTokens());
        Assert.Equal([4, 5], snapshot.ReadSection("b"));
        Assert.Empty(snapshot.ReadSection("a")!);
        Assert.Null(snapshot.ReadSection("c"));
        Assert.Equal(session.HostLayer(2).Memory!.Of(3).ToArray(), snapshot.ReadMemory(2)!.AsSpan(3 * 32 * 32));
        Assert.Null(snapshot.ReadMemory(1));
        snapshot.Verify();
    }

    [Fact]
    public void Narrower_entries_are_announced_and_approximate()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: Chunk);
        using LanguageSession session = ForkTests.Fed(file, Options(MemoryMode.Ahn, KvType.F32), SessionTests.Ids(333, 1));
        int[] more = SessionTests.Ids(20, 2);
        long whole = Bytes(session).Length;
        foreach ((KvType kv, double tolerance) in new[] { (KvType.F16, 1e-2), (KvType.Q8_0, 1e-1) })
        {
            byte[] bytes = Bytes(session, new SnapshotOptions { Kv = kv });
            Assert.True(bytes.Length < whole);
            using SnapshotFile snapshot = SnapshotFile.Open(new MemoryStream(bytes));
            Assert.Equal((kv, KvType.F32, true), (snapshot.Kv, snapshot.HeldKv, snapshot.IsCompressed));
            using LanguageSession loaded = file.Model.LoadSession(snapshot), going = session.Fork();
            Assert.Equal(kv, loaded.Kv);
            file.Model.Forward(loaded, more);
            file.Model.Forward(going, more);
            Assert.InRange(SessionTests.RelativeError(going.LastLogits, loaded.LastLogits), 1e-7, tolerance);
            Assert.Throws<ArgumentException>(() => Bytes(loaded, new SnapshotOptions { Kv = KvType.F32 }));
        }
    }

    [Fact]
    public void A_base_with_its_adapter_and_the_two_merged_are_the_same_model()
    {
        using var folder = new TemporaryFolder();
        string basePath = Fixture.File("golden/base.gguf"), adapterPath = Fixture.File("golden/gated_deltanet.gguf"),
            merged = folder.PathOf("merged.gguf");
        Merge(basePath, adapterPath, merged);
        using CpuModel apart = CpuModel.Load(basePath, adapterPath), together = CpuModel.Load(merged);
        Assert.Equal((apart.Identity.Hash, apart.Identity.MemoryHash), (together.Identity.Hash, together.Identity.MemoryHash));
        Assert.Null(together.Identity.MemoryFile);
        using LanguageSession session = apart.CreateSession(new SessionOptions { Window = W, Sinks = S });
        apart.Forward(session, SessionTests.Ids(90, 1));
        using LanguageSession loaded = together.LoadSession(new MemoryStream(Bytes(session)));
        apart.Forward(session, [1, 2, 3]);
        together.Forward(loaded, [1, 2, 3]);
        Assert.Equal(session.LastLogits, loaded.LastLogits);
    }

    // As gguf/README.md describes the merged form: qwen2.… becomes qwen2-ahn.…, the adapter's ahn.… keys and tensors join.
    private static void Merge(string basePath, string adapterPath, string path)
    {
        using GgufFile file = GgufFile.Open(basePath), adapter = GgufFile.Open(adapterPath);
        var writer = new GgufWriter();
        foreach ((string key, object value) in file.Metadata)
        {
            if (key == "general.architecture") writer.Add(key, "qwen2-ahn");
            else writer.AddValue(key.StartsWith("qwen2.", StringComparison.Ordinal) ? "qwen2-ahn." + key[6..] : key, value);
        }
        foreach ((string key, object value) in adapter.Metadata)
        {
            if (key.StartsWith("ahn.", StringComparison.Ordinal)) writer.AddValue(key, value);
        }
        foreach (GgufFile part in new[] { adapter, file })
        {
            foreach (GgufTensor tensor in part.Tensors)
            {
                writer.AddTensor(tensor.Name, tensor.Type, tensor.Shape, stream =>
                {
                    byte[] bytes = new byte[tensor.ByteLength];
                    part.Read(tensor, 0, bytes);
                    stream.Write(bytes);
                });
            }
        }
        writer.Write(path);
    }

    internal static SessionOptions Options(MemoryMode mode, KvType kv) =>
        new() { Mode = mode, Window = mode == MemoryMode.Full ? null : W, Sinks = mode == MemoryMode.Full ? null : S, Kv = kv };

    internal static byte[] Bytes(LanguageSession session, SnapshotOptions? options = null)
    {
        using var stream = new MemoryStream();
        session.Save(stream, options);
        return stream.ToArray();
    }
}
