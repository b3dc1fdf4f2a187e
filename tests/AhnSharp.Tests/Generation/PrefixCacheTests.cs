using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Cpu;
using AhnSharp.Generation;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class PrefixCacheTests
{
    private const long Plenty = 1L << 30;
    private static readonly SessionOptions Shape = new() { Window = 40, Sinks = 4 };

    [Fact]
    public void Takes_the_longest_beginning_and_leaves_one_token_to_feed()
    {
        using TinyModelFile file = Tiny();
        using PrefixCache cache = new(file.Model, Plenty);
        int[] text = SessionTests.Ids(200, 1);
        foreach (int length in new[] { 50, 150, 100 }) Keep(cache, file.Model, text[..length]);
        Assert.Equal(3, cache.Count);
        Assert.Equal(150, Taken(cache, text));
        Assert.Equal(150, Taken(cache, text[..151]));
        Assert.Equal(100, Taken(cache, text[..150]));
        Assert.Equal(0, Taken(cache, text[..50]));
        Assert.Equal(0, Taken(cache, []));
        int[] other = [.. text];
        other[120]++;
        Assert.Equal(100, Taken(cache, other));
        other[0]++;
        Assert.Equal(0, Taken(cache, other));
        Assert.Equal(120, PrefixCache.CommonPrefix(text, [.. text[..120], 999]));
    }

    [Fact]
    public void What_was_taken_goes_on_as_if_all_had_been_read()
    {
        using TinyModelFile file = Tiny();
        using PrefixCache cache = new(file.Model, Plenty);
        int[] text = SessionTests.Ids(300, 2);
        Keep(cache, file.Model, text[..128]);
        // More than once, and after the first has gone on: nobody's writing shows in another's.
        for (int round = 0; round < 3; round++)
        {
            using LanguageSession taken = cache.Take(text, Shape);
            using LanguageSession whole = file.Model.CreateSession(Shape);
            Assert.Equal(128, taken.Position);
            file.Model.Forward(taken, text.AsSpan(128));
            file.Model.Forward(whole, text);
            Assert.Equal(whole.LastLogits.ToArray(), taken.LastLogits.ToArray());
            Assert.Equal(text, taken.Tokens.ToArray());
        }
    }

    [Fact]
    public void Sessions_of_another_shape_are_not_taken()
    {
        using TinyModelFile file = Tiny();
        using PrefixCache cache = new(file.Model, Plenty);
        int[] text = SessionTests.Ids(60, 1);
        Keep(cache, file.Model, text[..50]);
        foreach (SessionOptions other in new[]
        {
            Shape with { Window = 41 }, Shape with { Sinks = 5 }, Shape with { Mode = MemoryMode.Window },
            Shape with { Mode = MemoryMode.Full },
            Shape with { Kv = AhnSharp.Attention.KvType.F32 }, Shape with { ContextTokens = 100 },
        })
        {
            using LanguageSession taken = cache.Take(text, other);
            Assert.Equal(0, taken.Position);
            Assert.Equal(other.Mode ?? MemoryMode.Ahn, taken.Mode);
        }
        Assert.Equal(50, Taken(cache, text));
    }

    [Fact]
    public void The_budget_holds_and_the_least_recently_used_goes_first()
    {
        using TinyModelFile file = Tiny();
        int[][] texts = [.. Enumerable.Range(0, 5).Select(i => SessionTests.Ids(90, 10 + i))];
        using LanguageSession read = file.Model.CreateSession(Shape);
        file.Model.Forward(read, texts[0]);
        // What is kept is a fork, which has not run yet.
        using LanguageSession one = read.Fork();
        long size = LanguageSession.BytesTogether([one]);
        using PrefixCache cache = new(file.Model, 3 * size);
        for (int i = 0; i < 3; i++) Assert.True(Keep(cache, file.Model, texts[i][..89]));
        Assert.InRange(cache.HeldBytes, 3 * size - 64, 3 * size);
        Assert.Equal(89, Taken(cache, texts[0]));
        Assert.True(Keep(cache, file.Model, texts[3][..89]));
        Assert.Equal([89, 0, 89, 89], texts[..4].Select(text => Taken(cache, text)));
        // In passing: it goes before those of turns, itself where there is no other.
        Assert.False(Keep(cache, file.Model, texts[4][..89], passing: true));
        Assert.Equal(3, cache.Count);
        cache.Clear();
        Assert.Equal((0, 0L), (cache.Count, cache.HeldBytes));
        Assert.True(Keep(cache, file.Model, texts[0][..89], passing: true));
        for (int i = 1; i < 4; i++) Assert.True(Keep(cache, file.Model, texts[i][..89]));
        Assert.Equal([0, 89, 89, 89], texts[..4].Select(text => Taken(cache, text)));
        Assert.True(cache.HeldBytes <= cache.BudgetBytes);
        using PrefixCache small = new(file.Model, size / 2);
        Assert.False(Keep(small, file.Model, texts[0]));
        Assert.Equal(0, small.HeldBytes);
    }

    [Fact]
    public void What_kept_sessions_share_is_counted_once()
    {
        using TinyModelFile file = new(new TinyModel { Kind = HippocampusKind.DeltaNet });
        using PrefixCache cache = new(file.Model, Plenty);
        SessionOptions full = new() { Mode = MemoryMode.Full };
        using LanguageSession session = file.Model.CreateSession(full);
        int[] text = SessionTests.Ids(1200, 1);
        file.Model.Forward(session, text.AsSpan(0, 1024));
        cache.Add(session);
        long first = cache.HeldBytes;
        file.Model.Forward(session, text.AsSpan(1024));
        cache.Add(session);
        // One segment of 256 tokens per layer is new; the four before it are shared, and only counted once.
        Assert.InRange(cache.HeldBytes - first, first / 8, first / 2);
        Assert.Equal(
            LanguageSession.BytesTogether([session]) + sizeof(float) * file.Model.Config.VocabularySize, cache.HeldBytes, tolerance: 8192);
        cache.Add(session);
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public void Snapshot_files_take_part_until_they_are_no_longer_what_they_were()
    {
        using TemporaryFolder folder = new();
        using TinyModelFile file = Tiny(), other = new(new TinyModel { Kind = HippocampusKind.GatedDeltaNet, Seed = 2 });
        int[] text = SessionTests.Ids(200, 6);
        Save(file.Model, text[..120], "a.ahn");
        Save(file.Model, text[..160], "b.ahn");
        Save(other.Model, text[..180], "c.ahn");
        File.WriteAllText(folder.PathOf("d.ahn"), "not a snapshot");
        using PrefixCache cache = new(file.Model, Plenty);
        IReadOnlyList<string> left = cache.AddFolder(folder.PathOf("."));
        Assert.Equal(2, left.Count);
        Assert.Contains("c.ahn", left[0], StringComparison.Ordinal);
        Assert.Contains("d.ahn", left[1], StringComparison.Ordinal);
        Assert.Equal((0, 0L), (cache.Count, cache.HeldBytes));
        using (LanguageSession taken = cache.Take(text, Shape))
        using (LanguageSession whole = file.Model.CreateSession(Shape))
        {
            Assert.Equal(160, taken.Position);
            file.Model.Forward(taken, text.AsSpan(160));
            file.Model.Forward(whole, text.AsSpan(0, 160));
            file.Model.Forward(whole, text.AsSpan(160));
            Assert.Equal(whole.LastLogits.ToArray(), taken.LastLogits.ToArray());
        }
        // Loaded once, kept from then on.
        Assert.Equal(1, cache.Count);
        File.Delete(folder.PathOf("b.ahn"));
        Assert.Equal(160, Taken(cache, text));
        cache.Clear();
        Save(file.Model, text[10..100], "a.ahn");
        Assert.Equal(0, Taken(cache, text));
        Assert.Equal(2, cache.LostFiles.Count);
        Assert.Contains("b.ahn", cache.LostFiles[0], StringComparison.Ordinal);
        Assert.Contains("a.ahn", cache.LostFiles[1], StringComparison.Ordinal);
        Assert.Throws<SnapshotException>(() => cache.AddFile(folder.PathOf("c.ahn")));

        void Save(CpuModel model, int[] ids, string name)
        {
            using LanguageSession session = model.CreateSession(Shape);
            model.Forward(session, ids);
            session.Save(folder.PathOf(name));
        }
    }

    [Fact]
    public async Task Many_may_take_and_add_at_once()
    {
        using TinyModelFile file = Tiny();
        int[] text = SessionTests.Ids(240, 4);
        using LanguageSession whole = file.Model.CreateSession(Shape);
        file.Model.Forward(whole, text);
        float[] expected = whole.LastLogits.ToArray();
        using PrefixCache cache = new(file.Model, 6 * LanguageSession.BytesTogether([whole]));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            Random random = new(worker);
            for (int round = 0; round < 12; round++)
            {
                using LanguageSession session = cache.Take(text, Shape);
                while (session.Position < text.Length)
                {
                    int at = (int)session.Position;
                    file.Model.Forward(session, text.AsSpan(at, Math.Min(text.Length - at, 64)));
                    if (random.Next(2) == 0) cache.Add(session, passing: random.Next(2) == 0);
                }
                Assert.Equal(expected, session.LastLogits.ToArray());
                if (random.Next(8) == 0) cache.Clear();
            }
        })));
        Assert.True(cache.HeldBytes <= cache.BudgetBytes);
    }

    [Fact]
    public void A_session_of_another_model_is_refused()
    {
        using TinyModelFile file = Tiny(), other = Tiny();
        using PrefixCache cache = new(file.Model, Plenty);
        using LanguageSession session = other.Model.CreateSession(Shape);
        Assert.Throws<ArgumentException>(() => cache.Add(session));
        using LanguageSession empty = file.Model.CreateSession(Shape);
        Assert.False(cache.Add(empty));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Take([1, 2], Shape));
    }

    private static TinyModelFile Tiny() => new(new TinyModel { Kind = HippocampusKind.GatedDeltaNet });

    private static bool Keep(PrefixCache cache, CpuModel model, int[] text, bool passing = false)
    {
        using LanguageSession session = model.CreateSession(Shape);
        model.Forward(session, text);
        return cache.Add(session, passing);
    }

    private static long Taken(PrefixCache cache, int[] prompt)
    {
        using LanguageSession session = cache.Take(prompt, Shape);
        Assert.Equal(prompt[..(int)session.Position], session.Tokens.ToArray());
        return session.Position;
    }
}
