using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q8_0 in tiles: 16 × 32 weights d·q in 544 bytes, as many as in the file.</summary>
/// <remarks>byte 0: d, 16 halves │ 32: 8 vectors of 64 bytes, vector g = k-group g of the 16 rows, signed bytes.</remarks>
internal readonly struct Q8_0Tile : IWideFormat
{
    public static GgmlType Type => GgmlType.Q8_0;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ8_0>();

    public static int TileBlockBytes => VectorsOffset + 8 * 64;

    public static int SubBlocks => 1;

    public static int VectorsOffset => 32;

    public static int SubBlockStride => 0;

    public static int PairBytes => 2 * 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        for (nint half = 0; half < 2; half++)
        {
            rows.Words(2 + (16 * half), out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3);
            nint to = VectorsOffset + (4 * 64 * half) + (4 * lane);
            FourRows.Write(w0, ref tile, to);
            FourRows.Write(w1, ref tile, to + 64);
            FourRows.Write(w2, ref tile, to + 128);
            FourRows.Write(w3, ref tile, to + 192);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Table<V, T>() where V : struct where T : struct, ITier<V> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint vectors, V table, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => (even, odd) = (T.Load(in tile, vectors), T.Load(in tile, vectors + 64));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<V, T>(ref readonly byte tile, int subBlock, nint lane, V d) where V : struct where T : struct, ITier<V> => d;
}
