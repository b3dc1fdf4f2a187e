using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>IQ4_NL in tiles: 16 × 32 weights d·values[q] in 288 bytes, as many as in the file.</summary>
/// <remarks>byte 0: d, 16 halves │ 32: 4 vectors of nibbles, vector i with k-group 2i in its low and 2i + 1 in its high ones.
/// The values reach from −127 to 113: products of 8 bits, so the weights are multiplied as those of Q8_0.</remarks>
internal readonly struct IQ4_NLTile : IWideFormat
{
    public static GgmlType Type => GgmlType.IQ4_NL;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockIQ4_NL>();

    public static int TileBlockBytes => VectorsOffset + 4 * 64;

    public static int SubBlocks => 1;

    public static int VectorsOffset => 32;

    public static int SubBlockStride => 0;

    public static int PairBytes => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        TileBits.PackSplitNibbles(rows, 2, VectorsOffset + (4 * lane), ref tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Table<V, T>()
        where V : struct where T : struct, ITier<V> => T.LoadTable(in MemoryMarshal.GetReference(BlockIQ4_NL.Values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint vectors, V table, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
    {
        V q = T.Load(in tile, vectors), nibble = T.Splat(0x0F);
        even = T.Lookup(table, T.And(q, nibble));
        odd = T.Lookup(table, T.And(T.ShiftRight16(q, 4), nibble));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<V, T>(ref readonly byte tile, int subBlock, nint lane, V d) where V : struct where T : struct, ITier<V> => d;
}
