using System;
using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>
/// The merges of a byte-level BPE, checked: which pair of ids becomes which id, and in what order; and the merging of very long words.
/// </summary>
/// <remarks>
/// Words are merged by Microsoft.ML.Tokenizers, whose time grows with the square of a word's length, since it takes merged symbols out of
/// the middle of a list one by one. Words longer than <see cref="LongWord"/> are merged here, in n log n: the same pairs in the same order.
/// </remarks>
internal sealed class MergeTable
{
    /// <summary>Words of more UTF-16 units than this are merged by <see cref="Merge"/>.</summary>
    public const int LongWord = 1024;

    private readonly Dictionary<long, (int Rank, int Id)> _pairs;
    private readonly int[] _idOfByte;

    private MergeTable(Dictionary<long, (int, int)> pairs, int[] idOfByte)
    {
        _pairs = pairs;
        _idOfByte = idOfByte;
    }

    /// <summary>Checks every merge against the vocabulary: two parts that are tokens, whose join is a token, and no pair twice.</summary>
    public static MergeTable Parse(string[] merges, Dictionary<string, int> ids, int[] idOfByte)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Dictionary<long, (int, int)> pairs = new(merges.Length);
        char[] joined = [];
        for (int rank = 0; rank < merges.Length; rank++)
        {
            string merge = merges[rank];
            int space = merge.IndexOf(' ');
            if (space <= 0 || space == merge.Length - 1 || merge.AsSpan(space + 1).Contains(' '))
                throw Invalid(rank, merge, "expected two tokens with one space between them");
            if (!lookup.TryGetValue(merge.AsSpan(0, space), out int left))
                throw Invalid(rank, merge, "the left part is not a token of the vocabulary");
            if (!lookup.TryGetValue(merge.AsSpan(space + 1), out int right))
                throw Invalid(rank, merge, "the right part is not a token of the vocabulary");
            if (joined.Length < merge.Length) joined = new char[2 * merge.Length];
            merge.CopyTo(0, joined, 0, space);
            merge.CopyTo(space + 1, joined, space, merge.Length - space - 1);
            if (!lookup.TryGetValue(joined.AsSpan(0, merge.Length - 1), out int id))
                throw Invalid(rank, merge, "the merged token is not in the vocabulary");
            if (!pairs.TryAdd(Key(left, right), (rank, id))) throw Invalid(rank, merge, "the same pair was merged before");
        }
        return new MergeTable(pairs, idOfByte);
    }

    /// <summary>Merges one word, lowest rank first and leftmost first among equals, and appends its ids.</summary>
    /// <param name="word">UTF-8 bytes of the word.</param>
    /// <param name="ids">Where the ids are appended.</param>
    public void Merge(ReadOnlySpan<byte> word, List<int> ids)
    {
        int[] symbols = new int[word.Length]; // id of the symbol that begins at this byte, -1 once merged into its left neighbour
        int[] next = new int[word.Length];    // where the next living symbol begins
        int[] previous = new int[word.Length];
        for (int i = 0; i < word.Length; i++) (symbols[i], next[i], previous[i]) = (_idOfByte[word[i]], i + 1, i - 1);

        // By rank, then by position: whatever order the vocabulary has, each merge waits once for each pair that it makes.
        PriorityQueue<int, long> waiting = new();
        for (int i = 0; i < word.Length; i++) Add(i);
        while (waiting.TryDequeue(out int left, out long order)) MergeAt(left, (int)(order >> 32));
        for (int i = 0; i < word.Length; i = next[i]) ids.Add(symbols[i]);

        void MergeAt(int left, int rank)
        {
            // A position is out of date when either of its symbols has been merged since.
            if (symbols[left] < 0 || next[left] == symbols.Length) return;
            int right = next[left];
            if (!_pairs.TryGetValue(Key(symbols[left], symbols[right]), out (int Rank, int Id) pair) || pair.Rank != rank) return;
            symbols[left] = pair.Id;
            symbols[right] = -1;
            next[left] = next[right];
            if (next[left] < symbols.Length) previous[next[left]] = left;
            if (previous[left] >= 0) Add(previous[left]);
            Add(left);
        }

        void Add(int left)
        {
            if (symbols[left] < 0 || next[left] == symbols.Length) return;
            if (_pairs.TryGetValue(Key(symbols[left], symbols[next[left]]), out (int Rank, int Id) pair))
                waiting.Enqueue(left, ((long)pair.Rank << 32) | (uint)left);
        }
    }

    // Times an odd number, which loses nothing: the hash of a long is the xor of its halves, and so would be the same for all pairs (x, x).
    private static long Key(int left, int right) => unchecked((((long)left << 32) | (uint)right) * (long)0x9E3779B97F4A7C15);

    private static InvalidModelException Invalid(int rank, string merge, string why) =>
        new($"tokenizer.ggml.merges[{rank}]: found {GgufText.Quote(merge)}, and {why}; the tokenizer of this file is damaged.");
}
