using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

/// <summary>A recall chat of each length to 4,096, in the long form two, against the hits that PyTorch counted.</summary>
public sealed class RecallScorerTests(DemoQ8 q8, DemoF32 f32) : IClassFixture<DemoQ8>, IClassFixture<DemoF32>
{
    private static readonly int s_chats = LongForm.Or(1, 2);

    [SharedTheory("data/demo")]
    [InlineData(MemoryMode.Full)]
    [InlineData(MemoryMode.Window)]
    [InlineData(MemoryMode.Ahn)]
    public Task F32_brings_back_what_PyTorch_did(MemoryMode mode) => Compare(f32.Model, mode, KvType.F32, 0.01);

    [Theory]
    [InlineData(MemoryMode.Full)]
    [InlineData(MemoryMode.Window)]
    [InlineData(MemoryMode.Ahn)]
    public Task Q8_0_brings_back_what_PyTorch_did(MemoryMode mode) => Compare(q8.Model, mode, KvType.F16, 0.03);

    [Fact]
    public void A_wrong_answer_is_no_hit()
    {
        // Two chats that differ in one digit of the answer cannot both be right.
        int[] ids = [.. Enumerable.Range(100, 40)];
        int[] other = [.. ids];
        other[30]++;
        Assert.True(Hits(ids) + Hits(other) <= 1);

        int Hits(int[] chat) => RecallScorer.CountHits(q8.Model, new RecallChat(40, chat, [30]));
    }

    private static async Task Compare(CpuModel model, MemoryMode mode, KvType kv, double tolerance)
    {
        var options = new SessionOptions { Mode = mode, Window = 480, Sinks = 32, Kv = kv };
        var expected = new Dictionary<int, int>();
        var totals = new RecallTotals();
        await foreach (RecallChat chat in RecallSet.ReadAsync(Fixture.File("demo/recall.json")))
        {
            if (totals.ByLength.TryGetValue(chat.Length, out RecallTotal before) && before.Chats == s_chats) continue;
            totals.Add(chat, RecallScorer.CountHits(model, chat, options));
            RecallReference reference = chat.Reference!;
            int hits = mode switch { MemoryMode.Full => reference.Full, MemoryMode.Window => reference.Window, _ => reference.Ahn };
            expected[chat.Length] = expected.GetValueOrDefault(chat.Length) + hits;
        }
        Assert.Equal([1024, 2048, 4096], totals.ByLength.Keys);
        foreach ((int length, RecallTotal total) in totals.ByLength)
        {
            Assert.Equal((s_chats, 16 * s_chats), (total.Chats, total.Digits));
            double allowed = tolerance * total.Digits + 1;
            Assert.True(Math.Abs(total.Hits - expected[length]) <= allowed,
                $"{length} tokens: expected {expected[length]} hits ± {allowed}, found {total.Hits}");
        }
    }
}
