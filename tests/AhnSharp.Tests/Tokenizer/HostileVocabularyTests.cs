using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Tokenizer;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>Vocabularies that no training gives, made so that a text takes long or comes out as another.</summary>
public sealed class HostileVocabularyTests(ITestOutputHelper output)
{
    [Fact]
    public void Merges_in_any_order_are_those_of_the_definition()
    {
        Random random = new(20251202);
        for (int round = 0; round < 40; round++)
        {
            List<string> merges = [], parts = ["a", "b", "c"];
            for (int i = 0; i < 25; i++)
            {
                string left = parts[random.Next(parts.Count)], right = parts[random.Next(parts.Count)];
                if (left.Length + right.Length > 20 || merges.Contains($"{left} {right}") || parts.Contains(left + right)) continue;
                merges.Add($"{left} {right}");
                parts.Add(left + right);
            }
            string[] shuffled = [.. merges];
            random.Shuffle(shuffled);
            QwenTokenizer tokenizer = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(merges: shuffled));
            int length = MergeTable.LongWord + 1 + random.Next(300);
            string word = new([.. Enumerable.Range(0, length).Select(_ => "abc"[random.Next(round % 3 + 1)])]);
            Assert.Equal(Definition(word, shuffled), tokenizer.Encode(word).Select(id => tokenizer.Decode([id])));
        }
    }

    [Fact]
    public void Merges_in_reverse_order_allocate_in_proportion_to_the_word()
    {
        IEnumerable<string> halves = Enumerable.Range(0, 12).Reverse().Select(level => new string('a', 1 << level));
        string[] merges = [.. halves.Select(half => $"{half} {half}")];
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(merges: merges));
        const int Letters = 500_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        int[] ids = tokenizer.Encode(new string('a', Letters));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{allocated / Letters} bytes per letter");
        Assert.Equal(Letters, tokenizer.Decode(ids).Length);
        Assert.InRange(allocated, 0, 300L * Letters);
    }

    [Fact]
    public void A_token_of_sixteen_million_letters_costs_a_small_multiple_of_itself()
    {
        const int Letters = 16_000_000;
        string token = new('e', Letters);
        string text = string.Concat(Enumerable.Repeat("e", 5_000));
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(values =>
        {
            values["tokenizer.ggml.tokens"] = (string[])[.. (string[])values["tokenizer.ggml.tokens"], token];
            values["tokenizer.ggml.token_type"] = (int[])[.. (int[])values["tokenizer.ggml.token_type"], 1];
        }));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{allocated / (double)Letters:F1} bytes per letter, {watch.Elapsed.TotalSeconds:F2} s");
        Assert.InRange(allocated, 0, 16L * Letters);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
    }

    // The pair of the lowest rank, the leftmost of its places, again and again.
    private static List<string> Definition(string word, string[] merges)
    {
        Dictionary<string, int> ranks = merges.Select((merge, rank) => (merge, rank)).ToDictionary(pair => pair.merge, pair => pair.rank);
        List<string> symbols = [.. word.Select(letter => letter.ToString())];
        while (true)
        {
            int best = int.MaxValue, place = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (ranks.TryGetValue($"{symbols[i]} {symbols[i + 1]}", out int rank) && rank < best) (best, place) = (rank, i);
            }
            if (place < 0) return symbols;
            symbols[place] += symbols[place + 1];
            symbols.RemoveAt(place + 1);
        }
    }
}
