using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace AhnSharp.Constraints;

/// <summary>Which texts an answer may be: JSON, JSON of a schema, texts of a regular expression or of a grammar, and
/// combinations.</summary>
/// <remarks>
/// A constraint is compiled when it is made, in bounded time and size, to an automaton over the bytes of UTF-8. It knows no tokenizer: one
/// serves any model. What of schemas, expressions and grammars is read, and what is refused: docs/constraints.md. Immutable; for any number
/// of threads at once.
/// </remarks>
public sealed class Constraint
{
    private static readonly ConstraintCache s_cache = new(64);

    private Constraint(Node node)
    {
        Node = node;
        Grammar = GrammarBuilder.Build(node);
    }

    internal Node Node { get; }

    internal Grammar Grammar { get; }

    /// <summary>JSON mode: any object.</summary>
    public static Constraint JsonObject { get; } = new(JsonSyntax.Object);

    /// <summary>Any JSON value.</summary>
    public static Constraint JsonValue { get; } = new(JsonSyntax.Value);

    /// <summary>JSON that is valid for a schema, its properties in the schema's order.</summary>
    /// <param name="schema">The JSON text of the schema.</param>
    /// <param name="closed">
    /// Whether objects have no more than the members that it names, where it does not say otherwise. What comes is valid by it either way.
    /// </param>
    /// <exception cref="ConstraintException">
    /// The text is no schema, is too large, or says what is not supported: the message names it by its JSON pointer.
    /// </exception>
    public static Constraint JsonSchema(string schema, bool closed = false)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return closed
            ? s_cache.Get("closed schema", schema, static text => new Constraint(SchemaCompiler.Compile(ClosedSchema.Of(text))))
            : s_cache.Get("schema", schema, static text => new Constraint(SchemaCompiler.Compile(text)));
    }

    /// <summary>The texts that match a regular expression from beginning to end.</summary>
    /// <param name="pattern">The common part of ECMAScript's and PCRE's syntax; what looks around or back is refused.</param>
    /// <exception cref="ConstraintException">It is not such an expression, or too large; the message names the position.</exception>
    public static Constraint Regex(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return s_cache.Get("regex", pattern, static text => new Constraint(RegexParser.Whole(text)));
    }

    /// <summary>The texts of a grammar in GBNF, as llama.cpp documents it.</summary>
    /// <param name="grammar">The rules.</param>
    /// <param name="root">The rule that the whole text is.</param>
    /// <exception cref="ConstraintException">It is no such grammar, is too large, or a rule begins with itself: the message says
    /// where.</exception>
    public static Constraint Gbnf(string grammar, string root = "root")
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(root);
        return s_cache.Get("gbnf " + root, grammar, text => new Constraint(GbnfParser.Parse(text, root)));
    }

    /// <summary>One of several texts.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Constraint Choice(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        string[] words = [.. texts.Distinct(StringComparer.Ordinal)];
        if (words.Length == 0) throw new ArgumentException("Expected at least one text to choose from, found none.", nameof(texts));
        foreach (string word in words) CheckText(word, nameof(texts));
        return new Constraint(new Node.Automaton(CharDfa.Words(words), CharCoding.Utf8));
    }

    /// <summary>Exactly one text.</summary>
    public static Constraint Literal(string text)
    {
        CheckText(text, nameof(text));
        return new Constraint(Node.Text(text));
    }

    /// <summary>Texts of constraints one behind the other.</summary>
    public static Constraint Sequence(params ReadOnlySpan<Constraint> parts) => new(Node.All(Nodes(parts)));

    /// <summary>A text of one of several constraints.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Constraint AnyOf(params ReadOnlySpan<Constraint> alternatives)
    {
        if (alternatives.IsEmpty) throw new ArgumentException("Expected at least one alternative, found none.", nameof(alternatives));
        return new Constraint(Node.Any(Nodes(alternatives)));
    }

    /// <summary>Texts of one constraint, so many one behind the other.</summary>
    /// <param name="part">What is repeated.</param>
    /// <param name="min">How often at least.</param>
    /// <param name="max">How often at most; null: without a bound.</param>
    public static Constraint Repeat(Constraint part, int min, int? max)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        if (max < min) throw new ArgumentOutOfRangeException(nameof(max), $"Expected at least {min} repeats at most, found {max}.");
        return new Constraint(Node.Many(part.Node, min, max));
    }

    /// <summary>Whether a whole text meets the constraint: for tests and tools; answers are held to it token by token.</summary>
    public bool Matches(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ConfigTable table = new(Grammar, ConfigTable.MaxDepth);
        int at = table.Start().Id;
        foreach (byte value in Encoding.UTF8.GetBytes(text)) at = table.Step(at, Grammar.ClassOf[value]);
        return table[at].MayEnd;
    }

    internal static Constraint Of(Node node) => new(node);

    private static Node[] Nodes(ReadOnlySpan<Constraint> parts)
    {
        Node[] nodes = new Node[parts.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(parts[i], nameof(parts));
            nodes[i] = parts[i].Node;
        }
        return nodes;
    }

    private static void CheckText(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
                throw new ArgumentException($"Expected Unicode text, found half a surrogate pair at {i}.", name);
        }
    }
}
