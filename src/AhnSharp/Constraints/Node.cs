using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace AhnSharp.Constraints;

/// <summary>What texts a part of an answer may be: the tree that regular expressions, schemas and grammars are read into.</summary>
internal abstract record Node
{
    public static Node Empty { get; } = new Concat([]);

    /// <summary>Nothing, not even the empty text.</summary>
    public static Node Never { get; } = new Either([]);

    /// <summary>States this part takes where it is copied, about.</summary>
    public abstract int Size { get; }

    public static Node Text(string text, CharCoding coding = CharCoding.Utf8) =>
        coding == CharCoding.Utf8
            ? new Bytes(Encoding.UTF8.GetBytes(text))
            : All([.. text.EnumerateRunes().Select(rune => (Node)new Chars(CharSet.Of(rune.Value), coding))]);

    public static Node All(params Node[] parts)
    {
        List<Node> flat = [];
        foreach (Node part in parts)
        {
            if (part is Concat inner) flat.AddRange(inner.Parts);
            else flat.Add(part);
        }
        return flat.Count == 1 ? flat[0] : new Concat([.. flat]);
    }

    public static Node Any(params Node[] alternatives) => alternatives.Length == 1 ? alternatives[0] : new Either(alternatives);

    public static Node Optional(Node part) => new Either([part, Empty]);

    public static Node Many(Node part, int min = 0, int? max = null) => (min, max) switch
    {
        (_, 0) => Empty,
        (1, 1) => part,
        (0, 1) => Optional(part),
        _ => new Loop(part, min, max),
    };

    public sealed record Bytes(byte[] Value) : Node
    {
        public override int Size => Value.Length;
    }

    public sealed record Chars(CharSet Set, CharCoding Coding) : Node
    {
        public override int Size => Coding == CharCoding.Utf8 ? Math.Min(24, Set.Ranges.Length) : Math.Min(24, 2 + Set.Ranges.Length * 8);
    }

    public sealed record Concat(Node[] Parts) : Node
    {
        public override int Size { get; } = Sum(Parts);
    }

    public sealed record Either(Node[] Alternatives) : Node
    {
        public override int Size { get; } = 1 + Sum(Alternatives);
    }

    /// <summary><paramref name="Part"/> at least <paramref name="Min"/> times and at most <paramref name="Max"/>.</summary>
    public sealed record Loop(Node Part, int Min, int? Max) : Node
    {
        public override int Size { get; } = (int)Math.Min(1_000_000, (long)(Max ?? Min + 1) * Math.Max(1, Part.Size));
    }

    /// <summary>A deterministic automaton over characters: ranges of numbers, words with common beginnings, patterns with a
    /// length.</summary>
    public sealed record Automaton(CharDfa Dfa, CharCoding Coding) : Node
    {
        public override int Size => Dfa.Count;
    }

    /// <summary>Texts of an automaton of at most so many characters, which are counted, not multiplied with its states.</summary>
    public sealed record Bounded(CharDfa Dfa, int Max, CharCoding Coding) : Node
    {
        public override int Size => Dfa.Count;
    }

    /// <summary>What a rule says, which may name itself.</summary>
    public sealed record Call(Rule Rule) : Node
    {
        public override int Size => 1;
    }

    /// <summary>Of a regular expression, where its text begins or ends; <see cref="RegexAnchors"/> takes them out.</summary>
    public sealed record Anchor(bool AtEnd, int Position) : Node
    {
        public override int Size => 0;
    }

    private static int Sum(Node[] parts) => (int)Math.Min(1_000_000, parts.Sum(part => (long)part.Size));
}

