using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using AhnSharp.Tokenizer;

namespace AhnSharp.Constraints;

/// <summary>The tokens that are text, as a tree over their bytes, in the order of a walk: each node before its children.</summary>
/// <remarks>
/// Control and unused tokens are not in it; user-defined special tokens are, as their bytes, and so are the marks of calls and thoughts,
/// which some files say are control tokens. Built once per tokenizer and size.
/// </remarks>
internal sealed class VocabularyIndex
{
    private static readonly ConditionalWeakTable<QwenTokenizer, Dictionary<int, VocabularyIndex>> s_indexes = [];

    // Longer tokens are no text that anyone meant: paths through the tree are kept in arrays of this length.
    private const int MaxTokenLength = 4_096;

    private readonly ConditionalWeakTable<Grammar, MaskEngine> _engines = [];
    private readonly Dictionary<int, int[]> _others = [];

    private VocabularyIndex(QwenTokenizer tokenizer, int size)
    {
        (Tokenizer, Size) = (tokenizer, size);
        int known = Math.Min(size, tokenizer.VocabularySize);
        List<int> ids = [];
        List<ulong> heads = [];
        for (int id = 0; id < known; id++)
        {
            if (!IsText(id)) continue;
            ids.Add(id);
            heads.Add(Head(tokenizer.BytesOf(id)));
        }
        int[] sorted = Sorted([.. ids], [.. heads]);
        Ends = [.. tokenizer.EndTokens.Where(id => id < known)];
        (Nodes, MaxLength) = Build(sorted);
        List<(byte, int, int)> tops = [];
        for (int i = 0; i < Nodes.Length; i = Nodes[i].End) tops.Add((Nodes[i].Value, i, Nodes[i].End));
        Tops = [.. tops];
        HasAllBytes = tops.Count == 256 && Tops.All(top => Nodes[top.Begin].Token >= 0);
    }

    /// <summary>A node: its byte, its depth (the first is 1), the node behind its subtree, the token that ends here (or −1).</summary>
    internal struct Node
    {
        public byte Value;
        public ushort Depth;
        public int End, Token;
    }

    public QwenTokenizer Tokenizer { get; }
    public int Size { get; }
    public Node[] Nodes { get; }

    /// <summary>The parts of the tree, one per first byte: its node and the one behind its subtree.</summary>
    public (byte Value, int Begin, int End)[] Tops { get; }

    public int[] Ends { get; }
    public int MaxLength { get; }

    /// <summary>Whether each byte is a token, so that any text is one of at most as many tokens as bytes.</summary>
    public bool HasAllBytes { get; }

    public int Words => (Size + 63) / 64;

    /// <summary>Further tokens with the bytes of one that a node names: files may have them twice.</summary>
    public ReadOnlySpan<int> Others(int token) => _others.Count > 0 && _others.TryGetValue(token, out int[]? others) ? others : [];

    /// <summary>Sets the bits of a token and of those with the same bytes.</summary>
    public void Set(ulong[] mask, int token)
    {
        mask[token >> 6] |= 1UL << token;
        if (_others.Count > 0) SetOthers(mask, token);
    }

    private void SetOthers(ulong[] mask, int token)
    {
        foreach (int other in Others(token)) mask[other >> 6] |= 1UL << other;
    }

    public static VocabularyIndex Of(QwenTokenizer tokenizer, int size)
    {
        Dictionary<int, VocabularyIndex> sizes = s_indexes.GetValue(tokenizer, static _ => []);
        lock (sizes)
        {
            if (!sizes.TryGetValue(size, out VocabularyIndex? index)) sizes.Add(size, index = new VocabularyIndex(tokenizer, size));
            return index;
        }
    }

    public MaskEngine EngineOf(Grammar grammar) => _engines.GetValue(grammar, key => new MaskEngine(key, this));

    /// <summary>Whether a token is one that the tree has, or an end token.</summary>
    public bool IsText(int id) =>
        (uint)id < (uint)Math.Min(Size, Tokenizer.VocabularySize) && !Tokenizer.IsUnused(id)
        && (!Tokenizer.IsSpecial(id) || Tokenizer.IsMark(id))
        && !Tokenizer.EndTokens.Contains(id) && Tokenizer.BytesOf(id).Length is > 0 and <= MaxTokenLength;

    // Eight bytes as a number sort eight times faster than spans; most tokens differ in them.
    private int[] Sorted(int[] ids, ulong[] heads)
    {
        Array.Sort(heads, ids);
        for (int i = 0, next; i < ids.Length; i = next)
        {
            for (next = i + 1; next < ids.Length && heads[next] == heads[i]; next++) { }
            ids.AsSpan(i, next - i).Sort((a, b) =>
                Tokenizer.BytesOf(a).SequenceCompareTo(Tokenizer.BytesOf(b)) is var order and not 0 ? order : a.CompareTo(b));
        }
        return ids;
    }

    private static ulong Head(ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        bytes[..Math.Min(8, bytes.Length)].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }

    private (Node[] Nodes, int MaxLength) Build(int[] ids)
    {
        List<Node> nodes = new(ids.Length * 3);
        int[] path = new int[64];
        int depth = 0, longest = 0, previous = -1;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = Tokenizer.BytesOf(id);
            longest = Math.Max(longest, bytes.Length);
            if (path.Length < bytes.Length) Array.Resize(ref path, bytes.Length * 2);
            int common = previous < 0 ? 0 : bytes.CommonPrefixLength(Tokenizer.BytesOf(previous));
            if (previous >= 0 && common == bytes.Length && common == Tokenizer.BytesOf(previous).Length)
            {
                int first = nodes[path[common - 1]].Token;
                _others[first] = [.. Others(first), id];
                continue;
            }
            Close(nodes, path, common, depth);
            for (depth = common; depth < bytes.Length; depth++)
            {
                path[depth] = nodes.Count;
                nodes.Add(new Node { Value = bytes[depth], Depth = (ushort)(depth + 1), Token = depth + 1 == bytes.Length ? id : -1 });
            }
            previous = id;
        }
        Close(nodes, path, 0, depth);
        return ([.. nodes], longest);
    }

    private static void Close(List<Node> nodes, int[] path, int from, int depth)
    {
        for (int i = from; i < depth; i++)
        {
            Node node = nodes[path[i]];
            node.End = nodes.Count;
            nodes[path[i]] = node;
        }
    }
}
