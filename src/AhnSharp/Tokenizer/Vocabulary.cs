using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>The tokens of a file, checked: the bytes of each, its type, and the words and special tokens by text.</summary>
internal sealed class Vocabulary
{
    /// <summary><c>tokenizer.ggml.token_type</c>, the ones a byte-level vocabulary may have.</summary>
    private enum TokenType : byte
    {
        Normal = 1,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    private readonly TokenType[] _types;
    private readonly byte[] _bytes;   // all tokens, one after another
    private readonly int[] _ends;     // [tokens] end of each in _bytes

    /// <summary>Text → id of the normal tokens, in the byte alphabet.</summary>
    public Dictionary<string, int> Words { get; } = new(StringComparer.Ordinal);

    /// <summary>Text → id of the control and user-defined tokens.</summary>
    public Dictionary<string, int> Specials { get; } = new(StringComparer.Ordinal);

    /// <summary>[256] id of the token of each single byte.</summary>
    public int[] IdOfByte { get; } = new int[256];

    public int Count => _types.Length;

    public Vocabulary(string[] tokens, int[] types)
    {
        if (tokens.Length == 0)
            throw new InvalidModelException("tokenizer.ggml.tokens: expected at least the 256 tokens of single bytes, found none.");
        if (types.Length != tokens.Length)
        {
            throw new InvalidModelException(
                $"tokenizer.ggml.token_type: expected {tokens.Length} entries, one per token, found {types.Length}.");
        }
        _types = new TokenType[tokens.Length];
        _ends = new int[tokens.Length];
        List<byte> bytes = new(tokens.Length * 8);
        for (int id = 0; id < tokens.Length; id++)
        {
            _types[id] = TypeOf(id, types[id], tokens[id]);
            AppendBytes(id, tokens[id], bytes);
            _ends[id] = bytes.Count;
        }
        _bytes = [.. bytes];
        for (int value = 0; value < 256; value++)
        {
            if (!Words.TryGetValue(ByteAlphabet.Character((byte)value).ToString(), out IdOfByte[value]))
            {
                throw new InvalidModelException($"tokenizer.ggml.tokens: expected a token for every single byte, "
                    + $"found none for 0x{value:X2}; some text could not be encoded.");
            }
        }
    }

    public ReadOnlySpan<byte> BytesOf(int id)
    {
        int start = id == 0 ? 0 : _ends[id - 1];
        return _bytes.AsSpan(start, _ends[id] - start);
    }

    public bool IsControl(int id) => (uint)id < (uint)_types.Length && _types[id] == TokenType.Control;

    public bool IsUnused(int id) => (uint)id >= (uint)_types.Length || _types[id] == TokenType.Unused;

    /// <summary>SHA-256 over every token's type and bytes, and the merges in order.</summary>
    public byte[] Identity(string[] merges)
    {
        var hash = new Sha256();
        Span<byte> head = stackalloc byte[1 + sizeof(int)];
        for (int id = 0; id < Count; id++)
        {
            ReadOnlySpan<byte> bytes = BytesOf(id);
            head[0] = (byte)_types[id];
            BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
            hash.Append(head);
            hash.Append(bytes);
        }
        foreach (string merge in merges)
        {
            hash.Append(Encoding.UTF8.GetBytes(merge));
            hash.Append([(byte)'\n']);
        }
        return hash.Finish();
    }

    private static TokenType TypeOf(int id, int type, string token) => type switch
    {
        1 or 3 or 5 or 6 => (TokenType)type,
        // Older converters wrote the padding rows as user-defined tokens of this name.
        4 => token == $"[PAD{id}]" ? TokenType.Unused : TokenType.UserDefined,
        _ => throw new InvalidModelException(
            $"tokenizer.ggml.token_type[{id}]: expected 1 (normal), 3 (control), 4 (user-defined), 5 (unused) or 6 (byte), found {type}."),
    };

    private void AppendBytes(int id, string token, List<byte> bytes)
    {
        switch (_types[id])
        {
            case TokenType.Normal:
                foreach (char character in token)
                {
                    int value = ByteAlphabet.Byte(character);
                    if (value < 0)
                    {
                        throw new InvalidModelException($"tokenizer.ggml.tokens[{id}]: expected characters of the byte-level alphabet, "
                            + $"found U+{(int)character:X4} in {GgufText.Quote(token)}.");
                    }
                    bytes.Add((byte)value);
                }
                Add(Words, id, token);
                break;
            case TokenType.Byte:
                if (token.Length != 6 || !token.StartsWith("<0x", StringComparison.Ordinal) || token[5] != '>'
                    || !byte.TryParse(token.AsSpan(3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte single))
                {
                    throw new InvalidModelException(
                        $"tokenizer.ggml.tokens[{id}]: expected a byte token such as <0x0A>, found {GgufText.Quote(token)}.");
                }
                bytes.Add(single);
                break;
            case TokenType.Control or TokenType.UserDefined:
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                Add(Specials, id, token);
                break;
            case TokenType.Unused:
                break; // stands for nothing
        }
    }

    private static void Add(Dictionary<string, int> ids, int id, string token)
    {
        if (token.Length == 0) throw new InvalidModelException($"tokenizer.ggml.tokens[{id}]: expected a text, found an empty one.");
        if (!ids.TryAdd(token, id))
        {
            throw new InvalidModelException(
                $"tokenizer.ggml.tokens[{id}]: {GgufText.Quote(token)} is token {ids[token]} already; each text may be one token only.");
        }
    }
}
