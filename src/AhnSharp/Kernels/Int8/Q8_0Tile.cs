using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q8_0 in tiles: 16 × 32 weights d·q in 544 bytes, as many as in the file.</summary>
/// <remarks>byte 0: d, 16 halves │ 32: 8 vectors of 64 bytes, vector g = k-group g of the 16 rows, signed bytes.</remarks>
internal readonly struct Q8_0Tile : ITileFormat
{
    /// <summary>Bytes from the start of a tile block to its vectors.</summary>
    public const int VectorsOffset = 32;

    public static GgmlType Type => GgmlType.Q8_0;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ8_0>();

    public static int TileBlockBytes => VectorsOffset + 8 * 64;

    public static void Pack(ReadOnlySpan<byte> rowBlock, int lane, Span<byte> tileBlock)
    {
        ref readonly BlockQ8_0 block = ref MemoryMarshal.AsRef<BlockQ8_0>(rowBlock);
        TileBits.WriteHalf(tileBlock, lane, block.D);
        ReadOnlySpan<byte> qs = MemoryMarshal.AsBytes((ReadOnlySpan<sbyte>)block.Qs);
        for (int g = 0; g < 8; g++) TileBits.WriteWord(tileBlock, VectorsOffset + 64 * g + 4 * lane, TileBits.Word(qs, 4 * g));
    }
}
