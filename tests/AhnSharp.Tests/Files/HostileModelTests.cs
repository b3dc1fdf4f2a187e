using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Attention;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Evaluation.Benchmarks;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Gguf;
using AhnSharp.Tests.Model;
using AhnSharp.Tests.Model.Snapshots;
using AhnSharp.Tokenizer;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Files;

/// <summary>
/// Inputs that once ended in an exception of another kind than the documented one, or took far more than they are; each stands for
/// its kind.
/// </summary>
public sealed class HostileModelTests(ITestOutputHelper output)
{
    private static string Benchmarks => Path.Combine(AppContext.BaseDirectory, "Fixtures", "hostile-benchmarks");

    public static TheoryData<string> BenchmarkFiles =>
        [.. Directory.GetFiles(Benchmarks).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1f)]
    public void A_memory_whose_epsilon_is_none_is_refused(float epsilon)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("m.gguf");
        new TinyModel { Kind = HippocampusKind.DeltaNet }.Write(path);
        byte[] bytes = File.ReadAllBytes(path);
        // Behind the key stand its type, 4 bytes, and the number.
        ReadOnlySpan<byte> key = "ahn.norm_epsilon"u8;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + 4), epsilon);
        File.WriteAllBytes(path, bytes);
        string message = Assert.Throws<InvalidModelException>(() => CpuModel.Load(path)).Message;
        Assert.Contains("ahn.norm_epsilon: expected a number from 0 to 1", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BenchmarkFiles))]
    public void A_benchmark_file_with_half_a_character_or_an_unknown_task_is_refused(string name)
    {
        string path = Path.Combine(Benchmarks, name);
        InvalidDataException failure = Assert.Throws<InvalidDataException>(() =>
        {
            foreach ((_, _, BenchmarkItem item) in BenchmarkFile.Open(path).Read()) item.Score("a");
        });
        Assert.StartsWith(path, failure.Message, StringComparison.Ordinal);
        Assert.True(failure.Message[^1] is '.' or '?', failure.Message);
    }

    // JSON's own message quotes a wrong word whole, and a wrong word may be a hundred megabytes.
    [Theory]
    [InlineData("{\"a\":tWWW}")]
    [InlineData("{\"WWW\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"WWW\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"WWW\"],\"data_offsets\":[0,4]}}")]
    public void A_sentence_about_JSON_is_no_longer_than_a_sentence(string header)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.safetensors");
        byte[] json = Encoding.UTF8.GetBytes(header.Replace("WWW", new string('w', 1 << 20), StringComparison.Ordinal));
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(path, [.. length, .. json, 0, 0, 0, 0]);
        string message = Assert.Throws<InvalidModelException>(() => SafetensorsFile.Open(path)).Message;
        Assert.InRange(message.Length, path.Length + 20, path.Length + 500);
        File.WriteAllBytes(path, json);
        Assert.InRange(Assert.Throws<InvalidDataException>(() => BenchmarkFile.Open(path)).Message.Length, 20, path.Length + 500);
    }

    [Theory]
    [InlineData("{{ [1]|rejectattr('a', 'WWW') }}")]
    [InlineData("{{ [1]|map('WWW') }}")]
    [InlineData("{{ 1|WWW }}")]
    [InlineData("{{ 1 is WWW }}")]
    [InlineData("{{ WWW.a.b }}")]
    [InlineData("{{ 'a'.WWW() }}")]
    [InlineData("{% WWW %}")]
    [InlineData("{{ range(WWW=1) }}")]
    [InlineData("{{ raise_exception('WWW') }}")]
    public void A_sentence_about_a_template_is_no_longer_than_a_sentence(string template)
    {
        string named = template.Replace("WWW", new string('w', 100_000), StringComparison.Ordinal);
        string message =
            Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(named).Render([new ChatMessage("user", "a")])).Message;
        Assert.InRange(message.Length, 20, 1100);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_a_template_is_nothing_that_a_terminal_obeys()
    {
        string message = Assert.Throws<ChatTemplateException>(
            () => ChatTemplate.Parse("{{ [1]|rejectattr('a', '\u001b[2J\u202eb') }}").Render([new ChatMessage("user", "a")])).Message;
        Assert.DoesNotContain(message, c => c is '\u001b' or '\u202e');
    }

    [Fact]
    public void A_snapshot_of_seventeen_million_heads_without_text_is_refused()
    {
        using TinyModelFile file = new(ForkTests.Tiny(HippocampusKind.GatedDeltaNet), chunk: 32);
        SnapshotBytes snapshot = SnapshotBytes.Of(file, MemoryMode.Ahn, KvType.F16, 20);
        byte[] changed = snapshot.Changed(bytes =>
        {
            // The numbers of layers and of query heads.
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(52), 4096);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(56), 4096);
        });
        string message = Assert.Throws<SnapshotException>(() => SnapshotFile.Open(new MemoryStream(changed))).Message;
        Assert.Contains("query heads in all layers: expected 1 to 65536, found 16777216", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9u, "arrays inside arrays")] // arrays, each 12 zero bytes: empty and of u8
    [InlineData(8u, null)]                   // strings, each 8 zero bytes
    [InlineData(0u, null)]                   // bytes
    public void A_header_that_a_sparse_file_promises_costs_a_small_multiple_of_its_length(uint type, string? named)
    {
        const long Length = 64 << 20;
        using TemporaryFolder folder = new();
        string path = folder.PathOf("sparse.gguf");
        byte[] beginning = RawGguf.Header(0, 1).Key("k", 9).U32(type).Bytes;
        using (FileStream file = File.Create(path))
        {
            file.Write(beginning);
            byte[] count = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(count, (Length - beginning.Length - 8) / (type == 9 ? 12 : type == 8 ? 8 : 1));
            file.Write(count);
            file.SetLength(Length);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        if (named is null)
        {
            GgufFile.Open(path).Dispose();
        }
        else
        {
            string message = Assert.Throws<InvalidModelException>(() => GgufFile.Open(path)).Message;
            Assert.Contains(named, message, StringComparison.Ordinal);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{allocated / (double)Length:F2} × the file's length");
        Assert.InRange(allocated, 0, Length + (1 << 20));
    }
}
