using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Where the rows of a stored matrix go in a packed one.</summary>
internal struct RowMap
{
    /// <summary>Packed row of stored row 0.</summary>
    public int First;

    /// <summary>1: eight rows of this matrix, then eight of another, and so on; 0: row after row.</summary>
    public int Interleaved;

    /// <summary>The packed row of a stored one.</summary>
    public readonly int Of(int row) => First + (Interleaved == 0 ? row : row / 8 * 16 + row % 8);
}

/// <summary>How the stored blocks of a format become the planes of <see cref="PackedWeights"/>, a group of 32 weights at a time.</summary>
internal interface IPacking
{
    /// <summary>Takes group <paramref name="group"/> of stored row <paramref name="row"/> to row <paramref name="to"/>.</summary>
    /// <param name="stored">Rows as the file has them, from the piece's first on.</param>
    /// <param name="row">Row within the piece.</param>
    /// <param name="group">Group within the row.</param>
    /// <param name="groups">Groups of a row.</param>
    /// <param name="w">Where it goes.</param>
    /// <param name="to">Row it goes to.</param>
    void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to);
}

/// <summary>Reading and writing that the formats share.</summary>
internal static class Bytes
{
    public static uint Word(ArrayView<byte> bytes, long at) =>
        bytes[at] | ((uint)bytes[at + 1] << 8) | ((uint)bytes[at + 2] << 16) | ((uint)bytes[at + 3] << 24);

    public static ushort Half(ArrayView<byte> bytes, long at) => (ushort)(bytes[at] | (bytes[at + 1] << 8));

    /// <summary>Four 4-bit weights 16 apart: low nibbles of four bytes below, of four others above.</summary>
    public static uint Nibbles(uint low, uint high) => (low & 0x0F0F0F0F) | ((high & 0x0F0F0F0F) << 4);

    public static Word4 Words(ArrayView<byte> bytes, long at)
    {
        var result = default(Word4);
        result.X = Word(bytes, at);
        result.Y = Word(bytes, at + 4);
        result.Z = Word(bytes, at + 8);
        result.W = Word(bytes, at + 12);
        return result;
    }
}

/// <summary>Q8_0: byte 0 D f16 │ 2 Qs: 32 signed bytes; 34 bytes.</summary>
internal struct PackQ8_0 : IPacking
{
    public readonly void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to)
    {
        long block = ((long)row * groups + group) * 34;
        long first = (long)to * groups * 2 + GroupOrder.First(group);
        w.Scales[(long)to * groups + group] = Bytes.Half(stored, block);
        w.Quants[first] = Bytes.Words(stored, block + 2);
        w.Quants[first + GroupOrder.Stride(group, groups)] = Bytes.Words(stored, block + 18);
    }
}

/// <summary>Q4_0: byte 0 D f16 │ 2 Qs: byte j: low nibble = weight j, high = weight j + 16; 18 bytes.</summary>
internal struct PackQ4_0 : IPacking
{
    public readonly void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to)
    {
        long block = ((long)row * groups + group) * 18;
        long index = (long)to * groups + group;
        w.Scales[index] = Bytes.Half(stored, block);
        w.Quants[index] = Bytes.Words(stored, block + 2);
    }
}

/// <summary>Q5_0: byte 0 D f16 │ 2 Qh: bit i = fifth bit of weight i │ 6 Qs as Q4_0; 22 bytes.</summary>
internal struct PackQ5_0 : IPacking
{
    public readonly void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to)
    {
        long block = ((long)row * groups + group) * 22;
        long index = (long)to * groups + group;
        w.Scales[index] = Bytes.Half(stored, block);
        w.Quants[index] = Bytes.Words(stored, block + 6);

        // Bit i of weight i = 4v + b goes to bit 8b + v.
        uint bits = Bytes.Word(stored, block + 2), packed = 0;
        for (int i = 0; i < 32; i++)
        {
            packed |= ((bits >> i) & 1) << (i % 4 * 8 + i / 4);
        }
        w.HighBits[index] = packed;
    }
}

/// <summary>Q4_K: byte 0 D f16 │ 2 DMin f16 │ 4 scales and minima, 12 bytes │ 16 Qs; 144 bytes.</summary>
/// <remarks>Source: <see cref="AhnSharp.Quants.BlockQ4_K"/>.</remarks>
internal struct PackQ4K : IPacking
{
    public readonly void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to)
    {
        long block = ((long)row * groups + group) / 8 * 144;
        long index = (long)to * groups + group;
        SuperBlocks.Scales(stored, block, group % 8, w, index);
        SuperBlocks.Nibbles(stored, block + 16 + group % 8 / 2 * 32, group % 2 * 4, w, index);
    }
}

/// <summary>Q5_K: byte 0 D f16 │ 2 DMin f16 │ 4 scales and minima, 12 bytes │ 16 Qh, 32 bytes │ 48 Qs; 176 bytes.</summary>
/// <remarks>Source: <see cref="AhnSharp.Quants.BlockQ5_K"/>. Qh byte j, bit g = fifth bit of weight 32g + j.</remarks>
internal struct PackQ5K : IPacking
{
    public readonly void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to)
    {
        long block = ((long)row * groups + group) / 8 * 176;
        long index = (long)to * groups + group;
        SuperBlocks.Scales(stored, block, group % 8, w, index);
        SuperBlocks.Nibbles(stored, block + 48 + group % 8 / 2 * 32, group % 2 * 4, w, index);
        uint packed = 0;
        for (int i = 0; i < 32; i++)
        {
            packed |= (((uint)stored[block + 16 + i] >> (group % 8)) & 1) << (i % 4 * 8 + i / 4);
        }
        w.HighBits[index] = packed;
    }
}

/// <summary>Q6_K: byte 0 Ql, 128 bytes │ 128 Qh, 64 bytes │ 192 Scales, 16 signed bytes │ 208 D f16; 210 bytes.</summary>
/// <remarks>
/// Source: <see cref="AhnSharp.Quants.BlockQ6_K"/>. Half h of 128 weights, quarter q of 32: nibbles in Ql bytes 64h + 32·(q%2) + j, low for
/// q &lt; 2; bits 4 and 5 in Qh byte 32h + j at 2q.
/// </remarks>
internal struct PackQ6K : IPacking
{
    public readonly void Pack(ArrayView<byte> stored, int row, int group, int groups, PackedWeights w, int to)
    {
        long block = ((long)row * groups + group) / 8 * 210;
        long index = (long)to * groups + group;
        int half = group % 8 / 4, quarter = group % 4;
        SuperBlocks.Nibbles(stored, block + half * 64 + quarter % 2 * 32, quarter / 2 * 4, w, index);
        uint low = 0, high = 0;
        for (int i = 0; i < 16; i++)
        {
            int to2 = i % 4 * 8 + i / 4 * 2;
            low |= (((uint)stored[block + 128 + half * 32 + i] >> (2 * quarter)) & 3) << to2;
            high |= (((uint)stored[block + 144 + half * 32 + i] >> (2 * quarter)) & 3) << to2;
        }
        w.HighBits[2 * index] = low;
        w.HighBits[2 * index + 1] = high;
        w.Scales[index] = Bytes.Half(stored, block + 192 + group % 8 * 2);
        if (group % 8 == 0)
        {
            w.SuperScales[index / 8] = Bytes.Half(stored, block + 208);
        }
    }
}

/// <summary>What the formats with blocks of 256 weights share.</summary>
internal static class SuperBlocks
{
    /// <summary>Nibbles of 32 weights, one a byte at <paramref name="at"/>, low (shift 0) or high (4).</summary>
    public static void Nibbles(ArrayView<byte> stored, long at, int shift, PackedWeights w, long index)
    {
        Word4 low = Bytes.Words(stored, at), high = Bytes.Words(stored, at + 16);
        var packed = default(Word4);
        packed.X = Bytes.Nibbles(low.X >> shift, high.X >> shift);
        packed.Y = Bytes.Nibbles(low.Y >> shift, high.Y >> shift);
        packed.Z = Bytes.Nibbles(low.Z >> shift, high.Z >> shift);
        packed.W = Bytes.Nibbles(low.W >> shift, high.W >> shift);
        w.Quants[index] = packed;
    }

    /// <summary>Six-bit scale and minimum of sub-block s, and the factors of both.</summary>
    public static void Scales(ArrayView<byte> stored, long block, int s, PackedWeights w, long index)
    {
        long at = block + 4;
        int scale, min;
        if (s < 4)
        {
            scale = stored[at + s] & 63;
            min = stored[at + s + 4] & 63;
        }
        else
        {
            scale = (stored[at + s + 4] & 0xF) | (stored[at + s - 4] >> 6 << 4);
            min = (stored[at + s + 4] >> 4) | (stored[at + s] >> 6 << 4);
        }
        w.Scales[index] = (ushort)(scale | (min << 8));
        if (s == 0)
        {
            w.SuperScales[index / 8] = Bytes.Word(stored, block);
        }
    }
}

/// <summary>The kernel that packs.</summary>
internal static class PackKernel
{
    /// <summary>One thread per group of 32 weights.</summary>
    /// <param name="stored">Whole rows as the file has them.</param>
    /// <param name="firstRow">Row of the matrix that <paramref name="stored"/> begins with.</param>
    /// <param name="rows">Rows in <paramref name="stored"/>.</param>
    /// <param name="map">Where rows go.</param>
    /// <param name="w">Where they go to.</param>
    public static void Run<TPacking>(ArrayView<byte> stored, int firstRow, int rows, RowMap map, PackedWeights w)
        where TPacking : struct, IPacking
    {
        int groups = w.Columns / 32;
        long index = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        int row = (int)(index / groups);
        if (row < rows)
        {
            default(TPacking).Pack(stored, row, (int)(index % groups), groups, w, map.Of(firstRow + row));
        }
    }

    /// <summary>Float rows are copied as they are, 16 bytes per thread.</summary>
    public static void CopyRows(ArrayView<Word4> stored, int firstRow, int rows, int rowLength, RowMap map, PackedWeights w)
    {
        long index = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        int row = (int)(index / rowLength);
        if (row < rows)
        {
            w.Quants[(long)map.Of(firstRow + row) * rowLength + index % rowLength] = stored[index];
        }
    }
}
