using System;

namespace AhnSharp.Gguf;

/// <summary>The types of metadata values, under the numbers of the format.</summary>
/// <remarks>Source: ggml d99724f2, gguf.h enum gguf_type.</remarks>
internal enum GgufValueType : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}

/// <summary>Names and sizes of <see cref="GgufValueType"/>, and the type of a value in memory.</summary>
internal static class GgufValueTypes
{
    /// <summary>The fewest bytes that one value takes in a file: what a hostile count is checked against.</summary>
    public static int MinBytes(this GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.Array => 12,
        _ => 8,
    };

    /// <summary>What a value is, in the words of the format's users: <c>u32</c>, <c>string</c>, <c>[f32] of 3</c>.</summary>
    public static string Describe(object value) => value is Array array
        ? $"[{NameOf(OfElements(array))}] of {array.Length}"
        : NameOf(Of(value));

    public static string NameOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => "u8",
        GgufValueType.Int8 => "i8",
        GgufValueType.UInt16 => "u16",
        GgufValueType.Int16 => "i16",
        GgufValueType.UInt32 => "u32",
        GgufValueType.Int32 => "i32",
        GgufValueType.Float32 => "f32",
        GgufValueType.Bool => "bool",
        GgufValueType.String => "string",
        GgufValueType.Array => "array",
        GgufValueType.UInt64 => "u64",
        GgufValueType.Int64 => "i64",
        GgufValueType.Float64 => "f64",
        _ => $"type {(uint)type}",
    };

    public static GgufValueType Of(object value) => value switch
    {
        byte => GgufValueType.UInt8,
        sbyte => GgufValueType.Int8,
        ushort => GgufValueType.UInt16,
        short => GgufValueType.Int16,
        uint => GgufValueType.UInt32,
        int => GgufValueType.Int32,
        float => GgufValueType.Float32,
        bool => GgufValueType.Bool,
        string => GgufValueType.String,
        Array => GgufValueType.Array,
        ulong => GgufValueType.UInt64,
        long => GgufValueType.Int64,
        double => GgufValueType.Float64,
        _ => throw new ArgumentException($"GGUF metadata holds no values of type {value.GetType().Name}.", nameof(value)),
    };

    public static GgufValueType OfElements(Array array)
    {
        // By exact type: the runtime counts an int[] as a uint[] in pattern matching.
        Type element = array.GetType().GetElementType()!;
        return element == typeof(byte) ? GgufValueType.UInt8
            : element == typeof(sbyte) ? GgufValueType.Int8
            : element == typeof(ushort) ? GgufValueType.UInt16
            : element == typeof(short) ? GgufValueType.Int16
            : element == typeof(uint) ? GgufValueType.UInt32
            : element == typeof(int) ? GgufValueType.Int32
            : element == typeof(float) ? GgufValueType.Float32
            : element == typeof(bool) ? GgufValueType.Bool
            : element == typeof(string) ? GgufValueType.String
            : element == typeof(Array) ? GgufValueType.Array
            : element == typeof(ulong) ? GgufValueType.UInt64
            : element == typeof(long) ? GgufValueType.Int64
            : element == typeof(double) ? GgufValueType.Float64
            : throw new ArgumentException($"GGUF metadata holds no arrays of {element.Name}.", nameof(array));
    }
}
