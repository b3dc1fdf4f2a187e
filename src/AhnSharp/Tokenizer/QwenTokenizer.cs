using System;
using System.Buffers;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using AhnSharp.Gguf;
using Microsoft.ML.Tokenizers;

namespace AhnSharp.Tokenizer;

/// <summary>Text ↔ token ids of Qwen2 and Qwen2.5: byte-level BPE, from the <c>tokenizer.ggml.*</c> keys of a GGUF file alone.</summary>
/// <remarks>
/// Text is not normalised: Decode(Encode(x)) = x for every text that is valid Unicode (halves of surrogate pairs become U+FFFD). For text
/// in NFC the ids are Hugging Face's, which normalises first: for e + U+0301 it gives the ids of é, this class those of the two code
/// points. Special tokens (types control and user-defined) are recognised where asked alone, so that no text of a user can end a turn.
/// Immutable; for any number of threads at once.
/// </remarks>
public sealed class QwenTokenizer
{
    private const string Prefix = TokenizerKeys.Prefix;

    // Both names end a text by convention of Qwen's files, whatever single eos_token_id they give.
    private static readonly string[] EndTokenNames = ["<|im_end|>", "<|endoftext|>"];
    private static readonly string[] EndTokenKeys = ["eos_token_id", "eot_token_id", "eom_token_id"];
    private const string EndTokenListKey = Prefix + "eos_token_ids";

    // Most files say that they are text; some say of every added token that it is a control token.
    private static readonly string[] Marks = ["<think>", "</think>", "<tool_call>", "</tool_call>"];

    private readonly Vocabulary _vocabulary;
    private readonly SpecialTokens _specials;
    private readonly MergeTable _merges;
    private readonly BpeTokenizer _bpe;
    private readonly Lazy<byte[]> _identity;
    private readonly int[] _marks;

    private QwenTokenizer(GgufMetadata metadata)
    {
        TokenizerKeys keys = new(metadata);
        keys.CheckKind();
        string[] tokens = metadata.GetStringArray(Prefix + "tokens");
        _vocabulary = new Vocabulary(tokens, keys.Types(tokens));
        string[] merges = metadata.GetStringArray(Prefix + "merges");
        _merges = MergeTable.Parse(merges, _vocabulary.Words, _vocabulary.IdOfByte);
        _specials = new SpecialTokens(_vocabulary.Specials);
        _marks = [.. Marks.Select(IdOf).OfType<int>()];
        _bpe = BpeTokenizer.Create(
            new BpeOptions(_vocabulary.Words) { Merges = merges, ByteLevel = true, PreTokenizer = new QwenPreTokenizer() });
        EndTokens = FindEndTokens(metadata, keys);
        BeginToken = keys.Begin(VocabularySize);
        ChatTemplateSource = metadata.GetStringOrNull("tokenizer.chat_template");
        NamedTokens = FindNamedTokens(keys);
        Notes = [.. keys.Notes];
        _identity = new Lazy<byte[]>(() => _vocabulary.Identity(merges));
    }

    /// <summary>Number of tokens in the file, padding included: ids are 0 … VocabularySize − 1.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>
    /// Tokens at which generation ends: the file's eos (one or a list), eot and eom, and <c>&lt;|im_end|&gt;</c> and
    /// <c>&lt;|endoftext|&gt;</c> where they are control tokens.
    /// </summary>
    public ImmutableArray<int> EndTokens { get; }

    /// <summary>The token that every text begins with, where the file asks for one (<c>add_bos_token</c>); else null.</summary>
    public int? BeginToken { get; }

    /// <summary>What of the file's keys was put right or left out, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>The chat template of the file, for <see cref="ChatTemplate"/>; null where it has none.</summary>
    public string? ChatTemplateSource { get; }

    /// <summary>
    /// SHA-256 over the tokens, their types and the merges: two tokenizers with the same one cut every text into the same ids.
    /// </summary>
    internal ReadOnlySpan<byte> Identity => _identity.Value;

    /// <summary>Names by which templates ask for special tokens (<c>eos_token</c> …), with their text.</summary>
    internal IReadOnlyDictionary<string, string> NamedTokens { get; }

    /// <summary>Whether a file has a tokenizer at all (a converted folder may have had none).</summary>
    public static bool IsIn(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.Contains(Prefix + "model");
    }

    /// <summary>Reads and checks the tokenizer of a file.</summary>
    /// <exception cref="InvalidModelException">There is none, it is of another kind, or its parts do not fit together.</exception>
    public static QwenTokenizer FromGguf(GgufMetadata metadata)
    {
        if (!IsIn(metadata))
        {
            throw new InvalidModelException(
                $"{Prefix}model: expected a tokenizer, found none; this file can be given token ids, not text.");
        }
        return new QwenTokenizer(metadata);
    }

    /// <summary>Ids of a text in which nothing is special: <c>&lt;|im_end|&gt;</c> is the ten characters.</summary>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [];
        EncodeWords(text, ids);
        return [.. ids];
    }

    /// <summary>Ids of a trusted text in which the names of special tokens are these tokens.</summary>
    public int[] EncodeWithSpecials(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(text, []);
    }

    /// <summary>Ids of a text in parts of which special tokens are recognised; what lies between them is encoded in one piece.</summary>
    /// <param name="text">The text.</param>
    /// <param name="trusted">One entry a UTF-16 unit: true where it may be part of a special token; empty = everywhere.</param>
    internal int[] Encode(string text, ReadOnlySpan<bool> trusted)
    {
        List<int> ids = [];
        for (int start = 0; start < text.Length;)
        {
            bool found = _specials.TryFind(text, trusted, start, out int offset, out int length, out int id);
            EncodeWords(start == 0 && offset == text.Length ? text : text[start..offset], ids);
            if (found) ids.Add(id);
            start = offset + length;
        }
        return [.. ids];
    }

    /// <summary>
    /// UTF-16 units at the beginning of a trusted text whose ids no later text can change (<see cref="EncodeWithSpecials"/>).
    /// </summary>
    internal int SettledWithSpecials(string text)
    {
        (int last, int end) = (0, 0);
        foreach ((int offset, int length) in SpecialsIn(text, [])) (last, end) = (offset, offset + length);
        int settled = end + QwenPreTokenizer.SettledLength(text.AsSpan(end));
        int open = _specials.OpenEnd(text, last);
        return Math.Min(settled, open);
    }

    /// <summary>
    /// Where the special tokens lie in a text in parts of which they are recognised, as
    /// <see cref="Encode(string, ReadOnlySpan{bool})"/> finds them.
    /// </summary>
    internal List<(int Offset, int Length)> SpecialsIn(string text, ReadOnlySpan<bool> trusted)
    {
        List<(int, int)> found = [];
        for (int start = 0; _specials.TryFind(text, trusted, start, out int offset, out int length, out _); start = offset + length)
            found.Add((offset, length));
        return found;
    }

    /// <summary>The text of ids, special tokens by their names; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (int id in ids) bytes.Write(BytesOf(id));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The bytes of a token, which may be part of a character; of an unused one, none. Allocates nothing.</summary>
    public ReadOnlySpan<byte> BytesOf(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(id), $"Token {id} is not one of 0 … {VocabularySize - 1}.");
        return _vocabulary.BytesOf(id);
    }

    /// <summary>Whether a token is a control token, which is no text: what a generated answer should not show.</summary>
    public bool IsSpecial(int id) => _vocabulary.IsControl(id);

    /// <summary>
    /// Whether a token marks the beginning or end of thoughts or of a call of a tool: text for programs, also where a file says it is a
    /// control token.
    /// </summary>
    internal bool IsMark(int id) => _marks.Contains(id);

    /// <summary>Whether an id stands for nothing: a padding row of the vocabulary, or beyond it. Never to be sampled.</summary>
    public bool IsUnused(int id) => _vocabulary.IsUnused(id);

    /// <summary>
    /// The id of a special token by its name, such as <c>&lt;|im_end|&gt;</c>; null where the file has none of that name.
    /// </summary>
    public int? IdOf(string specialToken) => _specials.IdOf(specialToken);

    private void EncodeWords(string text, List<int> ids)
    {
        if (text.Length == 0) return;
        text = Wellformed(text);
        List<(int Offset, int Length)> words = QwenPreTokenizer.Words(text);
        if (!words.Exists(static word => word.Length > MergeTable.LongWord))
        {
            ids.AddRange(_bpe.EncodeToIds(text, considerPreTokenization: true, considerNormalization: false));
            return;
        }
        // Word by word: cutting elsewhere would change where words end.
        foreach ((int offset, int length) in words)
        {
            ReadOnlySpan<char> word = text.AsSpan(offset, length);
            if (length > MergeTable.LongWord) _merges.Merge(Encoding.UTF8.GetBytes(word.ToArray()), ids);
            else ids.AddRange(_bpe.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        }
    }

    /// <summary>The text with U+FFFD for every half of a surrogate pair, which UTF-8 cannot say.</summary>
    private static string Wellformed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }

    private ImmutableArray<int> FindEndTokens(GgufMetadata metadata, TokenizerKeys keys)
    {
        SortedSet<int> ends = [];
        foreach (string key in EndTokenKeys)
        {
            if (keys.Id(key, VocabularySize) is int id) ends.Add(id);
        }
        // All of them, where a converter knew several: a fine-tuning may end its turns with tokens of other names.
        foreach (int id in metadata.GetInt32ArrayOrNull(EndTokenListKey) ?? [])
        {
            if (id < 0 || id >= VocabularySize)
                throw new InvalidModelException($"Key {EndTokenListKey}: expected ids from 0 to {VocabularySize - 1}, found {id}.");
            ends.Add(id);
        }
        foreach (string name in EndTokenNames)
        {
            if (IdOf(name) is int id && IsSpecial(id)) ends.Add(id);
        }
        return [.. ends];
    }

    private Dictionary<string, string> FindNamedTokens(TokenizerKeys keys)
    {
        Dictionary<string, string> names = [];
        foreach ((string name, int? id) in new[]
        {
            ("bos_token", keys.IdOrNote("bos_token_id", VocabularySize)), ("eos_token", keys.Id("eos_token_id", VocabularySize)),
            ("pad_token", keys.IdOrNote("padding_token_id", VocabularySize)),
        })
        {
            if (id is int token) names.Add(name, Decode([token]));
        }
        return names;
    }

    /// <summary>Ids of a whole text, behind the token that every text of this file begins with, once.</summary>
    internal int[] Begun(int[] ids) => BeginToken is int begin && (ids.Length == 0 || ids[0] != begin) ? [begin, .. ids] : ids;
}
