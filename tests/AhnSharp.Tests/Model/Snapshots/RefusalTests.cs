using System;
using System.Buffers.Binary;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>What a snapshot is refused for, each by one sentence that names what was expected and what was found.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TinyModelFile _file = new(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 32);
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotBytes _snapshot;
    private readonly string _path;

    public RefusalTests()
    {
        _snapshot = SnapshotBytes.Of(_file, MemoryMode.Ahn, KvType.F16, 100);
        _path = _folder.PathOf("book.ahn");
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_no_snapshot()
    {
        Refused(_folder.Path, "folder");
        Refused(_path, "no file of that name");
        Exception? cause = Assert.Throws<SnapshotException>(() => _file.Model.LoadSession(_path)).InnerException;
        Assert.Equal("There is no such file.", Assert.IsType<FileNotFoundException>(cause).Message);
        Refused([], "empty");
        Refused([0x89, 2], "found 2 bytes");
        Refused("GGUF and whatever follows it in a model"u8.ToArray(), "another kind of file");
        Refused(_snapshot.Changed(bytes => bytes[8] = 2), "version 1", "found 2");
    }

    [Fact]
    public void What_is_not_whole()
    {
        Refused(_snapshot.Whole[..^1], $"expected {_snapshot.Whole.Length} bytes", $"found {_snapshot.Whole.Length - 1}", "incomplete");
        Refused([.. _snapshot.Whole, 0], $"expected {_snapshot.Whole.Length} bytes", $"found {_snapshot.Whole.Length + 1}");
        Refused(Flipped(100), "header: expected the checksum");
        foreach ((SnapshotSection section, string title) in new[]
        {
            (_snapshot.Section(SnapshotSectionKind.Tokens), "section tokens:"),
            (_snapshot.Section(SnapshotSectionKind.Logits), "section logits:"),
            (_snapshot.Section(SnapshotSectionKind.Ring, 1), "section ring of layer 1:"),
            (_snapshot.Section(SnapshotSectionKind.Memory, 2), "section memory of layer 2:"),
            (_snapshot.Section(SnapshotSectionKind.Application), "section 'conversation':"),
        })
        {
            Refused(Flipped((int)section.ByteOffset), title, "expected the checksum", "damaged");
            // The checksum itself, and a stream that cannot be read twice.
            Refused(Flipped((int)(section.ByteOffset + section.ByteLength)), title);
            using var forward = new ForwardStream(Flipped((int)section.ByteOffset));
            Assert.Contains(
                title, Assert.Throws<SnapshotException>(() => _file.Model.LoadSession(forward)).Message, StringComparison.Ordinal);
        }
        using var cut = new ForwardStream(_snapshot.Whole[..^40]);
        Assert.Contains("section 'documents': expected", Assert.Throws<SnapshotException>(() => _file.Model.LoadSession(cut)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_of_another_snapshot_or_place()
    {
        SnapshotSection first = _snapshot.Section(SnapshotSectionKind.Ring, 0), third = _snapshot.Section(SnapshotSectionKind.Ring, 2);
        byte[] swapped = [.. _snapshot.Whole];
        int length = (int)first.ByteLength + 4;
        Assert.Equal(first.ByteLength, third.ByteLength);
        _snapshot.Whole.AsSpan((int)first.ByteOffset, length).CopyTo(swapped.AsSpan((int)third.ByteOffset));
        _snapshot.Whole.AsSpan((int)third.ByteOffset, length).CopyTo(swapped.AsSpan((int)first.ByteOffset));
        Refused(swapped, "section ring of layer 0: expected the checksum");
        Refused(
            _snapshot.Changed(bytes => BinaryPrimitives.WriteInt32LittleEndian(
                bytes.AsSpan((int)_snapshot.Section(SnapshotSectionKind.Tokens).ByteOffset + 8), 128)),
            "section tokens: expected ids from 0 to 127, found 128");
    }

    [Fact]
    public void Another_model_or_memory()
    {
        File.WriteAllBytes(_path, _snapshot.Whole);
        using var other = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet) with { Seed = 22 });
        using var plain = new TinyModelFile(ForkTests.Tiny(null));
        using var gated = new TinyModelFile(ForkTests.Tiny(HippocampusKind.GatedDeltaNet));
        foreach (TinyModelFile file in new[] { other, plain, gated })
        {
            string sentence = Assert.Throws<SnapshotException>(() => file.Model.LoadSession(_path)).Message;
            Assert.StartsWith(_path, sentence, StringComparison.Ordinal);
            Assert.Contains(_file.Model.Identity.File, sentence, StringComparison.Ordinal);
            Assert.Contains(file.Model.Identity.File, sentence, StringComparison.Ordinal);
        }
        // The golden models share a base: what differs is the adapter.
        using CpuModel dn = Checks.GoldenModel.Load("deltanet", 1), mamba = Checks.GoldenModel.Load("mamba2", 1),
            none = Checks.GoldenModel.Load(null, 1);
        using LanguageSession session = dn.CreateSession();
        session.Save(_path);
        Contains(() => mamba.LoadSession(_path), "another memory", "deltanet.gguf", "mamba2.gguf");
        Contains(() => none.LoadSession(_path), "--ahn", "deltanet.gguf");
        // A session without a memory belongs to the base alone.
        using LanguageSession window = dn.CreateSession(new SessionOptions { Mode = MemoryMode.Window, Window = 9 });
        window.Save(_path);
        using LanguageSession loaded = none.LoadSession(_path);
        Assert.Equal(9, loaded.Window);
    }

    [Fact]
    public void Other_numbers_than_the_models()
    {
        // The same tensors under another theta are another model, which no hash of tensors sees.
        using var stretched = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet) with { Theta = 5e4f });
        File.WriteAllBytes(_path, _snapshot.Whole);
        Contains(() => stretched.Model.LoadSession(_path), "rope theta: expected 50000", "found 10000");
    }

    [Fact]
    public void Other_options_than_it_was_made_with()
    {
        File.WriteAllBytes(_path, _snapshot.Whole);
        Contains(() => _file.Model.LoadSession(_path, new SessionOptions { Window = 41 }), "window 41", "40");
        Contains(() => _file.Model.LoadSession(_path, new SessionOptions { Sinks = 5 }), "sinks 5", "6");
        Contains(() => _file.Model.LoadSession(_path, new SessionOptions { Mode = MemoryMode.Window }), "mode window", "ahn");
        Contains(() => _file.Model.LoadSession(_path, new SessionOptions { ContextTokens = 99 }), "100 tokens", "99");
        using LanguageSession loaded = _file.Model.LoadSession(_path, new SessionOptions { ContextTokens = 100 });
        Assert.Throws<ContextOverflowException>(() => _file.Model.Forward(loaded, [1]));
    }

    [Fact]
    public void Counts_that_the_file_cannot_hold()
    {
        // Offsets of SnapshotFormat: window 28, sinks 32, position 44, layers 52, heads 56, key/value heads 60, head dimension 64.
        foreach ((int at, uint number, string named) in new (int, uint, string)[]
        {
            (24, 3, "mode"), (25, 3, "entries"), (26, 0, "entries as stored"), (27, 2, "mark of an archive"), (28, 0, "window"),
            (28, uint.MaxValue, "window"), (28, 39, "section"),
            (32, uint.MaxValue, "sinks"), (44, uint.MaxValue, "position"), (44, 101, "section tokens"), (52, 0, "layers"),
            (52, uint.MaxValue, "layers"), (52, 4096, "section"),
            (56, 4097, "query heads"), (60, 5, "key/value heads"), (64, 0, "head dimension"), (64, 1 << 20, "head dimension"),
            (68, uint.MaxValue, "vocabulary"),
        })
        {
            string sentence = Refused(_snapshot.Changed(bytes =>
            {
                if (at < 28) bytes[at] = (byte)number;
                else BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), number);
            }));
            Assert.Contains(named, sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_checksum_is_the_one_of_the_standard() => Assert.Equal(0xE3069283, Crc32C.Of("123456789"u8));

    private byte[] Flipped(int at)
    {
        byte[] bytes = [.. _snapshot.Whole];
        bytes[at] ^= 16;
        return bytes;
    }

    private string Refused(byte[] bytes, params string[] mentions)
    {
        File.WriteAllBytes(_path, bytes);
        string sentence = Refused(_path, mentions);
        File.Delete(_path);
        return sentence;
    }

    private string Refused(string path, params string[] mentions) => Contains(() => _file.Model.LoadSession(path), [path, .. mentions]);

    private static string Contains(Func<LanguageSession> load, params string[] mentions)
    {
        string sentence = Assert.Throws<SnapshotException>(load).Message;
        foreach (string mention in mentions) Assert.Contains(mention, sentence, StringComparison.Ordinal);
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        return sentence;
    }

    private sealed class ForwardStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
