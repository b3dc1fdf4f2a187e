using System;
using System.Diagnostics;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>A book that was read, saved and asked again. 16,384 tokens of it in the long form (LongForm).</summary>
public sealed class BookTests(ITestOutputHelper output)
{
    private static readonly string s_book = Path.Combine(Fixture.Repository, "gguf", "dracula.txt");

    // The demo model has a DeltaNet; the other two kinds are read by a random model of its shape (a feed-forward network has no state).
    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void A_book_takes_less_than_four_megabytes_and_goes_on_bit_for_bit(HippocampusKind kind)
    {
        using TextModel demo = TextModel.Load(DemoText.ModelPath);
        using TinyModelFile? random = kind == HippocampusKind.DeltaNet
            ? null
            : new TinyModelFile(
                new TinyModel
                {
                    Kind = kind,
                    Hidden = 384,
                    Layers = 8,
                    Heads = 6,
                    KvHeads = 2,
                    HeadDim = 64,
                    Ffn = 96,
                    Vocabulary = 6144,
                    Theta = 1e6f,
                }, chunk: 256);
        LanguageModel model = random?.Model ?? demo.Model;
        int tokens = LongForm.Or(2048, 16384);
        int[] ids = demo.Tokenizer.Encode(File.ReadAllText(s_book))[..(tokens + 40)];
        using LanguageSession session = model.CreateSession(new SessionOptions { Window = 480, Sinks = 32 });
        model.Forward(session, ids.AsSpan(0, tokens));
        Assert.Equal(KvType.F16, session.Kv);

        using TemporaryFolder folder = new();
        string path = folder.PathOf("dracula.ahn");
        long start = Stopwatch.GetTimestamp();
        session.Save(path);
        double saved = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        long bytes = new FileInfo(path).Length;
        Assert.InRange(bytes, 1, 4_000_000);
        start = Stopwatch.GetTimestamp();
        using LanguageSession loaded = model.LoadSession(path);
        output.WriteLine($"{kind}: {tokens} tokens, {bytes} bytes, saved in {saved:f1} ms, "
            + $"loaded in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f1} ms");
        start = Stopwatch.GetTimestamp();
        using (LanguageSession again = model.LoadSession(path))
            output.WriteLine($"loaded again in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f1} ms");

        model.Forward(session, ids.AsSpan(tokens, 32));
        model.Forward(loaded, ids.AsSpan(tokens, 32));
        for (int t = tokens + 32; t < ids.Length; t++)
        {
            Assert.Equal(session.LastLogits, loaded.LastLogits);
            model.Forward(session, ids.AsSpan(t, 1));
            model.Forward(loaded, ids.AsSpan(t, 1));
        }
        Assert.Equal(session.LastLogits, loaded.LastLogits);
        Assert.Equal(ids, loaded.Tokens);
    }

    // The golden models: saved and loaded in the middle, the rest gives the logits that PyTorch gave.
    [Theory]
    [InlineData("deltanet")]
    [InlineData("gated_deltanet")]
    [InlineData("mamba2")]
    public void The_golden_logits_come_from_a_loaded_session_too(string kind)
    {
        using CpuModel model = GoldenModel.Load(kind, 2);
        float[] expected = GoldenModel.Expected(kind);
        foreach (int cut in new[] { 5, 56, 200 })
        {
            using var stream = new MemoryStream();
            using (LanguageSession session = model.CreateSession(
                new SessionOptions { Window = GoldenModel.Window, Sinks = GoldenModel.Sinks, Kv = KvType.F32 }))
            {
                model.Forward(session, GoldenModel.Ids.AsSpan(0, cut));
                session.Save(stream);
            }
            stream.Position = 0;
            using LanguageSession loaded = model.LoadSession(stream);
            int compared = 0;
            double difference = 0, size = 0;
            model.Forward(loaded, GoldenModel.Ids.AsSpan(cut), (index, logits) =>
            {
                int row = Array.IndexOf(GoldenModel.Rows, cut + index);
                if (row < 0) return;
                compared++;
                for (int v = 0; v < logits.Length; v++)
                {
                    float right = expected[row * GoldenModel.Vocabulary + v];
                    difference += Math.Pow(right - logits[v], 2);
                    size += Math.Pow(right, 2);
                }
            });
            double error = Math.Sqrt(difference / size);
            Assert.True(error <= 1e-5, $"cut at {cut}: relative error {error:e2}");
            Assert.True(compared > 3);
        }
    }
}
