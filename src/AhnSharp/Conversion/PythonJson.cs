using System;
using System.IO;

namespace AhnSharp.Conversion;

/// <summary>JSON as Python writes it, which has three words more: Infinity, -Infinity and NaN.</summary>
/// <remarks>Mamba2's settings have a time_step_limit of [0.0, Infinity]. No field that is read here may be such a number: each becomes
/// null.</remarks>
internal static class PythonJson
{
    /// <summary>The text with null for each of the three words outside of strings; the same array where there are none.</summary>
    public static byte[] WithoutWords(byte[] json)
    {
        if (json.AsSpan().IndexOf("Infinity"u8) < 0 && json.AsSpan().IndexOf("NaN"u8) < 0) return json;
        using MemoryStream plain = new(json.Length + 16);
        bool inString = false;
        for (int i = 0; i < json.Length; i++)
        {
            int length = inString ? 0 : WordLength(json.AsSpan(i));
            if (length > 0)
            {
                plain.Write("null"u8);
                i += length - 1;
                continue;
            }
            plain.WriteByte(json[i]);
            if (json[i] == '"') inString = !inString;
            else if (inString && json[i] == '\\' && i + 1 < json.Length) plain.WriteByte(json[++i]);
        }
        return plain.ToArray();
    }

    private static int WordLength(ReadOnlySpan<byte> text) =>
        text.StartsWith("-Infinity"u8) ? 9 : text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("NaN"u8) ? 3 : 0;
}
