using System;
using System.Globalization;
using System.Text;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>Writes PTX.</summary>
internal static class PtxText
{
    /// <summary>Shared memory that tiles of wgmma lie in: 128-byte swizzle. The low bits are the address / 16.</summary>
    /// <param name="besideBytes">From 64 entries that lie together to the next 64; 0 where a product reads no more.</param>
    /// <param name="rowsBytes">From eight rows to the next eight.</param>
    public static ulong Descriptor(int besideBytes, int rowsBytes) =>
        1UL << 62 | (ulong)rowsBytes / 16 << 32 | (ulong)Math.Max(1, besideBytes / 16) << 16;

    /// <summary>Adds lines, each with the indent of code; a label stands alone in its line, at the edge.</summary>
    public static void Lines(StringBuilder text, FormattableString lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (string line in lines.ToString(CultureInfo.InvariantCulture).Split('\n'))
        {
            if (!line.EndsWith(':')) text.Append("    ");
            text.Append(line).Append('\n');
        }
    }

    /// <summary>name0, name1 … in braces.</summary>
    public static string Vector(string name, int first, int count)
    {
        StringBuilder vector = new("{");
        for (int i = first; i < first + count; i++)
            vector.Append(CultureInfo.InvariantCulture, $"{(i > first ? ", " : "")}{name}{i}");
        return vector.Append('}').ToString();
    }

    /// <summary>Barriers of stages: full, and eight bytes on empty.</summary>
    public static void Barriers(StringBuilder text, int stages, int arrivalsOfFull, int arrivalsOfEmpty)
    {
        for (int stage = 0; stage < stages; stage++)
        {
            Lines(text, $"""
                mbarrier.init.shared::cta.b64 [barriers+{16 * stage}], {arrivalsOfFull};
                mbarrier.init.shared::cta.b64 [barriers+{16 * stage + 8}], {arrivalsOfEmpty};
                """);
        }
    }

    /// <summary>The next stage; a turn of all of them changes the parity.</summary>
    public static void NextStage(StringBuilder text, int stages) => Lines(text, $"""
        add.u32 stage, stage, 1;
        setp.eq.u32 p, stage, {stages};
        @p mov.u32 stage, 0;
        @p xor.b32 parity, parity, 1;
        """);
}
