using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// IQ4_XS in tiles: 16 × 256 weights d·scale·values[q] in 2208 bytes, 1.5 % more than in the file (6-bit scales become bytes).
/// </summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: 8 sub-blocks of 272 bytes: 0 scales, 16 signed bytes (scale − 32 of the file) │ 16 nibbles, 4 vectors as
/// in <see cref="IQ4_NLTile"/>.
/// </remarks>
internal readonly struct IQ4_XSTile : IWideFormat
{
    public static GgmlType Type => GgmlType.IQ4_XS;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockIQ4_XS>();

    public static int TileBlockBytes => ScalesOffset + 8 * SubBlockStride;

    public static int SubBlocks => 8;

    public static int VectorsOffset => ScalesOffset + 16;

    public static int SubBlockStride => 16 + 4 * 64;

    public static int PairBytes => IQ4_NLTile.PairBytes;

    private static int ScalesOffset => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        // Low nibbles lie two a byte, 4 bytes; high bits two by two in the upper half of the word before them.
        Vector128<uint> low = rows.Word(4), high = rows.Word(0) >> 16;
        for (int s = 0; s < SubBlocks; s++)
        {
            Vector128<uint> scale = (low >> (4 * s) & Vector128.Create(0xFu)) | (high >> (2 * s) & Vector128.Create(3u)) << 4;
            // Only the lowest byte of a lane is meant.
            Vector128<uint> bytes = TileBits.TransposeBytes((scale.AsSByte() - Vector128.Create((sbyte)32)).AsUInt32());
            FourRows.Write(bytes[0], ref tile, ScalesOffset + (s * SubBlockStride) + lane);
            TileBits.PackSplitNibbles(rows, 8 + (16 * s), VectorsOffset + (s * SubBlockStride) + (4 * lane), ref tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Table<V, T>() where V : struct where T : struct, ITier<V> => IQ4_NLTile.Table<V, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint vectors, V table, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => IQ4_NLTile.Unpack<V, T>(in tile, vectors, table, out even, out odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<V, T>(ref readonly byte tile, int subBlock, nint lane, V d) where V : struct where T : struct, ITier<V> =>
        T.MultiplyF32(d, T.LoadS8AsF32(in tile, ScalesOffset + (subBlock * (nint)SubBlockStride) + lane));
}
