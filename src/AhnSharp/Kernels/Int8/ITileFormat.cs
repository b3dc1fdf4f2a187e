using AhnSharp.Gguf;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// How a block format of a file lies in a tile of 16 rows. The bytes are rearranged once, at load; no weight changes its value.
/// </summary>
/// <remarks>
/// A tile block holds one block (32 or 256 weights) of each of the 16 rows, a tile the blocks of its rows one after the other, so that a
/// kernel streams one range of addresses, upwards. That is worth a lot: fifth bits in a field of their own, some hundred bytes before
/// their nibbles, brought decoding of Q5_K from the speed of memory to 40 % of it; scales 288 bytes before their sub-blocks cost Q6_K 15 %.
/// Lane = row: a field of n bytes per row is 16·n bytes, and a vector of 64 bytes holds 4 consecutive k (a k-group) of each row. Narrower
/// registers take a half or a quarter of every such vector.
/// </remarks>
internal interface ITileFormat
{
    /// <summary>The format of the file.</summary>
    static abstract GgmlType Type { get; }

    /// <summary>Weights of one row in a block.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes of one row's block in the file.</summary>
    static abstract int RowBlockBytes { get; }

    /// <summary>Bytes of the 16 rows' blocks in a tile.</summary>
    static abstract int TileBlockBytes { get; }

    /// <summary>
    /// Puts one block of each of the four rows <paramref name="lane"/> … <paramref name="lane"/> + 3 into the tile block; the
    /// other rows' bytes stay as they are.
    /// </summary>
    static abstract void Pack(FourRows rows, nint lane, ref byte tileBlock);
}
