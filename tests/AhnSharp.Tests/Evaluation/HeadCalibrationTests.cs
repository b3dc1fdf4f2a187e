using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Cpu;
using AhnSharp.Evaluation;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tests.Model;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed class HeadCalibrationTests(DemoQ8 demo) : IClassFixture<DemoQ8>, IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ahn-heads-{Guid.NewGuid():N}.json");

    private static readonly HeadCalibration s_small = new(
        "a model", "abc", 2, 2, "a book", 2, [new(1, 0, 0.5), new(0, 1, 0.25), new(1, 1, 0)], [new(3, 32, 30, 100, 40)]);

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_is_written_is_read_and_applied()
    {
        File.WriteAllBytes(_path, s_small.ToJson());
        HeadCalibration read = HeadCalibration.Read(_path);
        Assert.Equal(
            (s_small.Model, s_small.Fingerprint, s_small.Layers, s_small.KvHeads, s_small.Text, s_small.Keep),
            (read.Model, read.Fingerprint, read.Layers, read.KvHeads, read.Text, read.Keep));
        Assert.Equal([.. s_small.Heads], read.Heads.ToArray());
        Assert.Equal([.. s_small.Recall], read.Recall.ToArray());
        ArchiveOptions options = read.Apply(new ArchiveOptions { Type = ArchiveType.FourBits });
        Assert.Equal([(1, 0), (0, 1)], options.Heads!);
        Assert.Equal(("abc", ArchiveType.FourBits), (options.HeadsFingerprint, options.Type));
    }

    [Theory]
    [InlineData("{", "does not read as such")]
    [InlineData("null", "the format 'ahn-archive-heads'")]
    [InlineData("""{"format":"other","version":1}""", "the format 'ahn-archive-heads'")]
    [InlineData("""{"format":"ahn-archive-heads","version":2}""", "expected version 1")]
    [InlineData("""{"format":"ahn-archive-heads","version":1,"layers":2,"kv_heads":2,"keep":1}""", "a list of heads")]
    [InlineData(
        """{"format":"ahn-archive-heads","version":1,"layers":2,"kv_heads":2,"keep":2,"heads":[{"layer":0,"kv_head":0}]}""",
        "keep: expected 1")]
    [InlineData(
        """{"format":"ahn-archive-heads","version":1,"layers":2,"kv_heads":2,"keep":1,"heads":[{"layer":2,"kv_head":0}]}""", "of layer 2")]
    [InlineData(
        """{"format":"ahn-archive-heads","version":1,"layers":1,"kv_heads":1,"keep":1,"heads":[{"layer":0},{"layer":0}]}""",
        "at most once")]
    public void What_is_no_calibration_is_refused_by_a_sentence(string json, string said)
    {
        File.WriteAllText(_path, json);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => HeadCalibration.Read(_path));
        Assert.StartsWith(_path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_of_another_model_are_refused()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), threads: 1);
        SessionOptions options = new()
        {
            Window = 40,
            Sinks = 4,
            Archive = new ArchiveOptions { Heads = [(0, 0)], HeadsFingerprint = file.Model.Identity.Fingerprint },
        };
        Assert.NotNull(file.Model.Identity.Fingerprint);
        file.Model.CreateSession(options).Dispose();
        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => file.Model.CreateSession(
            options with { Archive = options.Archive with { HeadsFingerprint = new string('0', 64) } }));
        Assert.Contains("calibrate this model", refusal.Message, StringComparison.Ordinal);
    }

    // The demo model: the quarter that looks at facts finds them, the quarter that looks at them least does not.
    [Fact]
    public void The_heads_that_look_facts_up_find_them()
    {
        CpuModel model = demo.Model;
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(model.Metadata);
        RecallChatMaker maker = new(tokenizer, File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt")));
        RecallDialogue[] chats = [maker.Make(2048, 8, 1), maker.Make(2048, 8, 2)];
        SessionOptions options = new() { Archive = new ArchiveOptions { Reading = ArchiveReading.Window } };
        var calibrator = new HeadCalibrator(model, tokenizer, options);
        ImmutableArray<RankedHead> ranking = calibrator.Rank(chats[..1]);
        Assert.Equal(model.Config.LayerCount * model.Config.KvHeadCount, ranking.Length);
        Assert.Equal(ranking.Length, ranking.Select(head => (head.Layer, head.KvHead)).Distinct().Count());
        int quarter = ranking.Length / 4;
        HeadRecall all = calibrator.Measure(chats[1..], ranking, ranking.Length),
            half = calibrator.Measure(chats[1..], ranking, ranking.Length / 2),
            best = calibrator.Measure(chats[1..], ranking, quarter),
            least = calibrator.Measure(chats[1..], [.. ranking.Reverse()], quarter);
        string said = $"all {all}, half {half}, best quarter {best}, least quarter {least}";
        Assert.True(all.Hits >= 31 && half.Hits >= all.Hits - 2 && best.Hits >= all.Hits - 4 && least.Hits < best.Hits, said);
        Assert.True(best.IndexBytes < 0.3 * all.IndexBytes && best.ArchiveBytes < 0.3 * all.ArchiveBytes, said);
    }
}
