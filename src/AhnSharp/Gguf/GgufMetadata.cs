using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AhnSharp.Gguf;

/// <summary>The keys of a GGUF file and their typed values, in the order of the file.</summary>
/// <remarks>
/// Values are string, bool, the integer types of 8 to 64 bits, float, double, arrays of these, or Array[] where arrays nest.
/// The getters take any integer (or floating-point) type whose value fits the type that is asked for; anything else is one sentence.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "The format's word for it is metadata.")]
public sealed class GgufMetadata : IReadOnlyDictionary<string, object>
{
    private readonly OrderedDictionary<string, object> _values;
    private readonly string _source;

    /// <summary>
    /// Metadata from pairs, such as those a converter is about to write; <paramref name="source"/> begins the error sentences.
    /// </summary>
    public GgufMetadata(IEnumerable<KeyValuePair<string, object>> pairs, string source)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        _source = source;
        _values = [];
        foreach ((string key, object value) in pairs)
        {
            _ = value is Array array ? GgufValueTypes.OfElements(array) : GgufValueTypes.Of(value);
            _values.Add(key, value);
        }
    }

    internal GgufMetadata(OrderedDictionary<string, object> values, string source) => (_values, _source) = (values, source);

    /// <summary>What was put right while the keys were read, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<object> Values => _values.Values;

    /// <inheritdoc/>
    public object this[string key] => _values.TryGetValue(key, out object? value)
        ? value
        : throw new InvalidModelException($"{_source}: expected the key {GgufText.Quote(key)}, found none of that name.");

    /// <summary>Whether the file has the key.</summary>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value) => _values.TryGetValue(key, out value);

    /// <summary>The text of a key that must be there.</summary>
    public string GetString(string key) => AsString(key, this[key]);

    /// <summary>The text of a key that may be missing.</summary>
    public string? GetStringOrNull(string key) => TryGetValue(key, out object? value) ? AsString(key, value) : null;

    /// <summary>The number of a key that must be there.</summary>
    public uint GetUInt32(string key) => AsUInt32(key, this[key]);

    /// <summary>The number of a key that may be missing.</summary>
    public uint? GetUInt32OrNull(string key) => TryGetValue(key, out object? value) ? AsUInt32(key, value) : null;

    /// <summary>The number of a key that must be there.</summary>
    public float GetSingle(string key) => AsSingle(key, this[key]);

    /// <summary>The number of a key that may be missing.</summary>
    public float? GetSingleOrNull(string key) => TryGetValue(key, out object? value) ? AsSingle(key, value) : null;

    /// <summary>The truth of a key, or <paramref name="fallback"/> where it is missing.</summary>
    public bool GetBool(string key, bool fallback) => !TryGetValue(key, out object? value) ? fallback
        : value is bool truth ? truth
        : throw Mismatch(key, "bool", value);

    /// <summary>The texts of a key that must be there.</summary>
    public string[] GetStringArray(string key) => AsStrings(key, this[key]);

    /// <summary>The texts of a key that may be missing.</summary>
    public string[]? GetStringArrayOrNull(string key) => TryGetValue(key, out object? value) ? AsStrings(key, value) : null;

    /// <summary>The integers of a key that must be there, of any integer type whose values fit.</summary>
    public int[] GetInt32Array(string key) => AsInt32s(key, this[key]);

    /// <summary>The integers of a key that may be missing, of any integer type whose values fit.</summary>
    public int[]? GetInt32ArrayOrNull(string key) => TryGetValue(key, out object? value) ? AsInt32s(key, value) : null;

    /// <summary>The numbers of a key that may be missing.</summary>
    public float[]? GetSingleArrayOrNull(string key) => !TryGetValue(key, out object? value) ? null
        : value as float[] ?? (value is double[] doubles ? Array.ConvertAll(doubles, x => (float)x) : throw Mismatch(key, "[f32]", value));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string AsString(string key, object value) => value as string ?? throw Mismatch(key, "string", value);

    private string[] AsStrings(string key, object value) => value as string[] ?? throw Mismatch(key, "[string]", value);

    private uint AsUInt32(string key, object value) => Integer(value) is Int128 number && number >= uint.MinValue && number <= uint.MaxValue
        ? (uint)number
        : throw Mismatch(key, "u32", value);

    private float AsSingle(string key, object value) => value switch
    {
        float single => single,
        double wide => (float)wide,
        _ => throw Mismatch(key, "f32", value),
    };

    private int[] AsInt32s(string key, object value)
    {
        if (value is not Array array) throw Mismatch(key, "[i32]", value);
        return GgufValueTypes.OfElements(array) switch
        {
            GgufValueType.Int32 => (int[])value,
            GgufValueType.UInt8 => Array.ConvertAll((byte[])value, x => (int)x),
            GgufValueType.Int8 => Array.ConvertAll((sbyte[])value, x => (int)x),
            GgufValueType.UInt16 => Array.ConvertAll((ushort[])value, x => (int)x),
            GgufValueType.Int16 => Array.ConvertAll((short[])value, x => (int)x),
            GgufValueType.UInt32 => Array.ConvertAll((uint[])value, x => Narrow(key, x)),
            GgufValueType.Int64 => Array.ConvertAll((long[])value, x => Narrow(key, x)),
            GgufValueType.UInt64 => Array.ConvertAll((ulong[])value, x => Narrow(key, x)),
            _ => throw Mismatch(key, "[i32]", value),
        };
    }

    private int Narrow(string key, Int128 number) => number >= int.MinValue && number <= int.MaxValue
        ? (int)number
        : throw new InvalidModelException($"{_source}: key {GgufText.Quote(key)}: expected integers of 32 bits, found {number}.");

    private static Int128? Integer(object value) => value switch
    {
        byte x => x,
        sbyte x => x,
        ushort x => x,
        short x => x,
        uint x => x,
        int x => x,
        ulong x => x,
        long x => x,
        _ => null,
    };

    private InvalidModelException Mismatch(string key, string expected, object found)
    {
        string shown = Integer(found) is Int128 number ? $" {number.ToString(CultureInfo.InvariantCulture)}" : "";
        return new($"{_source}: key {GgufText.Quote(key)}: expected {expected}, found {GgufValueTypes.Describe(found)}{shown}.");
    }
}
