using System;
using System.Runtime.CompilerServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// Tiles of weights of at most 6 bits times int8 activations: y = Σ over blocks of d·dx·(Σ scale·Σ q·x) − dmin·dx·(Σ min·Σ
/// x), or of d·dx·Σ q·x + m·dx·Σ x.
/// </summary>
/// <remarks>
/// Lane = row. The products of unsigned weights and signed activations are added up as partials of <see cref="ITier{V}"/> (16 bits
/// where that is fast) and widened to i32 once in 8 or 4 k-groups, where the sub-block scale comes in for nothing; floats appear
/// once a block. i32 cannot overflow: 256·63·127·127 &lt; 2³⁰. Integer sums are exact, so every tier gives the same numbers up to
/// the rounding of the float sums.
/// </remarks>
/// <typeparam name="V">A register.</typeparam>
/// <typeparam name="T">The tier.</typeparam>
/// <typeparam name="F">The format.</typeparam>
internal sealed class NarrowTile<V, T, F> : TokenBlockKernel
    where V : struct
    where T : struct, ITier<V>
    where F : struct, INarrowFormat
{
    private const int Word = sizeof(int);

    public override ActivationForm Form => F.SubBlocks == 1 ? ActivationForm.Bytes32 : ActivationForm.Bytes256;

    public override long TileBytes(int columns) => (long)(columns / F.BlockLength) * F.TileBlockBytes;

    public override void Pack(ReadOnlySpan<byte> rows, int columns, ref byte tile) =>
        TileBits.PackRows<F>(rows, columns / F.BlockLength, ref tile);

    public override void Multiply4(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums)
    {
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (nint part = 0; part < Rows; part += T.Lanes)
        {
            for (int t = 0; t < 4; t++) T.Store(T.Zero, ref to, Word * (Rows * t + part));
        }
        int blocks = columns / F.BlockLength;
        for (int from = 0; from < blocks; from += Piece)
        {
            int end = Math.Min(blocks, from + Piece);
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply4(in tile, in x, from, end, part, ref to);
        }
    }

    public override void Multiply1(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums)
    {
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (nint part = 0; part < Rows; part += T.Lanes) T.Store(T.Zero, ref to, Word * part);
        int blocks = columns / F.BlockLength;
        for (int from = 0; from < blocks; from += Piece)
        {
            int end = Math.Min(blocks, from + Piece);
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply1(in tile, in x, from, end, part, ref to);
        }
    }

    public override int UnpackedBytes => T.HasManyRegisters ? PieceColumns * Rows : 0;

    // Unpacked: [k-group][16 rows] 4 × u8, in the order of the activations.
    public override void Unpack(ref readonly byte tile, int column, int count, ref byte unpacked)
    {
        int first = column / F.BlockLength, end = first + (count / F.BlockLength);
        ref byte to = ref unpacked;
        for (int block = first; block < end; block++)
        {
            ref readonly byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)block * F.TileBlockBytes);
            for (int sub = 0; sub < F.SubBlocks; sub++)
            {
                for (nint part = 0; part < Rows; part += T.Lanes)
                {
                    nint row = Word * part, subBlock = F.SubBlocksOffset + ((nint)sub * F.SubBlockBytes) + row;
                    UnpackPair(in w, subBlock, 0, ref to, row);
                    UnpackPair(in w, subBlock, 1, ref to, row);
                    UnpackPair(in w, subBlock, 2, ref to, row);
                    UnpackPair(in w, subBlock, 3, ref to, row);
                }
                to = ref Unsafe.AddByteOffset(ref to, 8 * 64);
            }
        }
    }

    public override void Multiply8(
        ref readonly byte tile, ref readonly byte unpacked, int column, int count, int columns, scoped in ActivationBlock x, int tokens,
        ref byte integers, ref float sums)
    {
        int block = column / F.BlockLength, blocks = count / F.BlockLength;
        ref readonly byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)block * F.TileBlockBytes);
        EightTokens eight = new(in x, columns, Word, F.BlockLength, F.SubBlocks * F.ScalesPerSubBlock, SumsPerBlock, block);
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (int token = 0; token < tokens; token += 8)
        {
            for (nint part = 0; part < Rows; part += T.Lanes)
            {
                if (F.SubBlocks == 1)
                {
                    MultiplyBlocks8(in w, in unpacked, blocks, in eight, part, ref to);
                }
                else
                {
                    MultiplySuperBlock8(in w, in unpacked, in eight, part, ref integers);
                    NarrowMins<V, T, F>.FinishSuperBlock8(in w, in eight, part, in integers, ref to);
                }
            }
            eight.Advance();
            to = ref Unsafe.AddByteOffset(ref to, 8 * 64);
        }
    }

    // Registers narrower than a tile pass over it several times, in pieces of 256 weights per row: small enough for the L1 cache and for
    // the prefetch of the next piece to run on meanwhile (Q4_K on AVX2 decodes at 52 % of the speed of memory with pieces of 2048, 100 %
    // with 256). A register of 16 lanes passes once.
    private static int Piece => T.Lanes == Rows ? int.MaxValue : 256 / F.BlockLength;

    // Sums of 32, or pairs of them, of the activations under one scale.
    private static int SumsPerBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => F.SubBlocks == 1 ? 1 : 4;
    }

    // Whether one token's kernel walks over the activations' offsets as it goes.
    private static bool HasOffsets
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => F.Offset != 0 || F.HasMinsOf16;
    }

    // Bytes from the scales of the first 16 weights of a sub-block to those of the last 16.
    private static nint SecondScale
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => F.ScalesPerSubBlock == 2 ? Rows : 0;
    }

    // Rows lane … lane + Lanes − 1 of blocks from … end − 1, 4 tokens; adds to the sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4(ref readonly byte tile, scoped in ActivationBlock x, int from, int end, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0; // a constant folds into the addresses
        ref byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)from * F.TileBlockBytes);
        ref byte xq = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), (nint)from * F.BlockLength * 4);
        ref byte xScales = ref Unsafe.AddByteOffset(ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), (nint)from * 4 * Word);
        ref byte xOffsets = ref Unsafe.AddByteOffset(
            ref Unsafe.AsRef(in x.Offsets), (nint)from * F.SubBlocks * F.ScalesPerSubBlock * 4 * Word);
        ref byte xSums = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Sums), (nint)from * SumsPerBlock * 4 * Word);
        nint row = Word * lane;
        V y0 = T.Load(in sums, row), y1 = T.Load(in sums, row + 64), y2 = T.Load(in sums, row + 128), y3 = T.Load(in sums, row + 192);
        for (int block = from; block < end; block++)
        {
            V i0 = T.Zero, i1 = T.Zero, i2 = T.Zero, i3 = T.Zero;
            nint subBlock = F.SubBlocksOffset + row, scales = F.ScalesOffset + lane;
            for (int sub = 0; sub < F.SubBlocks; sub++)
            {
                V p0 = Start(in xOffsets, 0), p1 = Start(in xOffsets, 1), p2 = Start(in xOffsets, 2), p3 = Start(in xOffsets, 3);
                Pair4(in w, subBlock, in xq, 0, ref p0, ref p1, ref p2, ref p3);
                Pair4(in w, subBlock, in xq, 1, ref p0, ref p1, ref p2, ref p3);
                if (F.GroupsPerWidening == 4)
                {
                    Widen4(in w, scales, p0, p1, p2, p3, ref i0, ref i1, ref i2, ref i3);
                    if (F.Offset != 0) xOffsets = ref Unsafe.AddByteOffset(ref xOffsets, 4 * Word);
                    p0 = Start(in xOffsets, 0);
                    p1 = Start(in xOffsets, 1);
                    p2 = Start(in xOffsets, 2);
                    p3 = Start(in xOffsets, 3);
                }
                Pair4(in w, subBlock, in xq, 2, ref p0, ref p1, ref p2, ref p3);
                Pair4(in w, subBlock, in xq, 3, ref p0, ref p1, ref p2, ref p3);
                Widen4(in w, scales + SecondScale, p0, p1, p2, p3, ref i0, ref i1, ref i2, ref i3);
                if (F.Offset != 0) xOffsets = ref Unsafe.AddByteOffset(ref xOffsets, 4 * Word);
                subBlock += F.SubBlockBytes;
                scales += F.ScalesStride;
                xq = ref Unsafe.AddByteOffset(ref xq, 8 * 4 * Word);
            }
            V d = Scale(in w, lane);
            V x0 = T.Broadcast32(in xScales, 0), x1 = T.Broadcast32(in xScales, Word), x2 = T.Broadcast32(in xScales, 2 * Word),
                x3 = T.Broadcast32(in xScales, 3 * Word);
            if (F.HasMinsOf16)
            {
                V dMin = NarrowMins<V, T, F>.DMinOf16(in w, lane);
                NarrowMins<V, T, F>.ProductsOf16(in w, lane, in xOffsets, out V m0, out V m1, out V m2, out V m3);
                y0 = NarrowMins<V, T, F>.AddSuperBlock(y0, i0, d, m0, dMin, x0);
                y1 = NarrowMins<V, T, F>.AddSuperBlock(y1, i1, d, m1, dMin, x1);
                y2 = NarrowMins<V, T, F>.AddSuperBlock(y2, i2, d, m2, dMin, x2);
                y3 = NarrowMins<V, T, F>.AddSuperBlock(y3, i3, d, m3, dMin, x3);
                xOffsets = ref Unsafe.AddByteOffset(ref xOffsets, 16 * 4 * Word);
            }
            else if (F.SubBlocks > 1 && F.HasMins)
            {
                V dMin = T.LoadSmallF16(in w, 32 + 2 * lane);
                nint mins = F.MinsOffset + 2 * lane;
                V m0 = T.LoadU8AsI16(in w, mins), m1 = T.LoadU8AsI16(in w, mins + 32), m2 = T.LoadU8AsI16(in w, mins + 64),
                    m3 = T.LoadU8AsI16(in w, mins + 96);
                y0 = NarrowMins<V, T, F>.AddSuperBlock(y0, i0, d, NarrowMins<V, T, F>.Products(in xSums, 4, 0, m0, m1, m2, m3), dMin, x0);
                y1 = NarrowMins<V, T, F>.AddSuperBlock(y1, i1, d, NarrowMins<V, T, F>.Products(in xSums, 4, 1, m0, m1, m2, m3), dMin, x1);
                y2 = NarrowMins<V, T, F>.AddSuperBlock(y2, i2, d, NarrowMins<V, T, F>.Products(in xSums, 4, 2, m0, m1, m2, m3), dMin, x2);
                y3 = NarrowMins<V, T, F>.AddSuperBlock(y3, i3, d, NarrowMins<V, T, F>.Products(in xSums, 4, 3, m0, m1, m2, m3), dMin, x3);
                xSums = ref Unsafe.AddByteOffset(ref xSums, 4 * 4 * Word);
            }
            else
            {
                y0 = T.MultiplyAddF32(T.ConvertI32ToF32(i0), T.MultiplyF32(d, x0), y0);
                y1 = T.MultiplyAddF32(T.ConvertI32ToF32(i1), T.MultiplyF32(d, x1), y1);
                y2 = T.MultiplyAddF32(T.ConvertI32ToF32(i2), T.MultiplyF32(d, x2), y2);
                y3 = T.MultiplyAddF32(T.ConvertI32ToF32(i3), T.MultiplyF32(d, x3), y3);
                if (F.HasMins)
                {
                    NarrowMins<V, T, F>.AddBlock4(in w, lane, d, in xSums, ref y0, ref y1, ref y2, ref y3);
                    xSums = ref Unsafe.AddByteOffset(ref xSums, 4 * Word);
                }
            }
            xScales = ref Unsafe.AddByteOffset(ref xScales, 4 * Word);
            w = ref Unsafe.AddByteOffset(ref w, F.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
        T.Store(y1, ref sums, row + 64);
        T.Store(y2, ref sums, row + 128);
        T.Store(y3, ref sums, row + 192);
    }

    // The same for 1 token.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply1(ref readonly byte tile, scoped in ActivationBlock x, int from, int end, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0;
        ref byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)from * F.TileBlockBytes);
        ref byte xq = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), (nint)from * F.BlockLength);
        ref byte xScales = ref Unsafe.AddByteOffset(ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), (nint)from * Word);
        ref byte xOffsets = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Offsets), (nint)from * F.SubBlocks * F.ScalesPerSubBlock * Word);
        ref byte xSums = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Sums), (nint)from * SumsPerBlock * Word);
        nint row = Word * lane;
        V y0 = T.Load(in sums, row);
        for (int block = from; block < end; block++)
        {
            V i0 = T.Zero, m = T.Zero;
            nint subBlock = F.SubBlocksOffset + row, scales = F.ScalesOffset + lane;
            for (int sub = 0; sub < F.SubBlocks; sub++)
            {
                V p0 = Pair1(in w, subBlock, in xq, 0, Start(in xOffsets, 0));
                p0 = Pair1(in w, subBlock, in xq, 1, p0);
                if (F.GroupsPerWidening == 4)
                {
                    i0 = Widen(in w, scales, p0, i0);
                    if (F.HasMinsOf16) m = NarrowMins<V, T, F>.ProductsOf16(in w, scales, in xOffsets, m);
                    if (HasOffsets) xOffsets = ref Unsafe.AddByteOffset(ref xOffsets, Word);
                    p0 = Start(in xOffsets, 0);
                }
                p0 = Pair1(in w, subBlock, in xq, 2, p0);
                p0 = Pair1(in w, subBlock, in xq, 3, p0);
                i0 = Widen(in w, scales + SecondScale, p0, i0);
                if (F.HasMinsOf16) m = NarrowMins<V, T, F>.ProductsOf16(in w, scales + SecondScale, in xOffsets, m);
                if (HasOffsets) xOffsets = ref Unsafe.AddByteOffset(ref xOffsets, Word);
                subBlock += F.SubBlockBytes;
                scales += F.ScalesStride;
                xq = ref Unsafe.AddByteOffset(ref xq, 8 * Word);
            }
            V d = Scale(in w, lane);
            V x0 = T.Broadcast32(in xScales, 0);
            if (F.HasMinsOf16)
            {
                y0 = NarrowMins<V, T, F>.AddSuperBlock(y0, i0, d, m, NarrowMins<V, T, F>.DMinOf16(in w, lane), x0);
            }
            else if (F.SubBlocks > 1 && F.HasMins)
            {
                V dMin = T.LoadSmallF16(in w, 32 + 2 * lane);
                nint mins = F.MinsOffset + 2 * lane;
                V m0 = T.LoadU8AsI16(in w, mins), m1 = T.LoadU8AsI16(in w, mins + 32), m2 = T.LoadU8AsI16(in w, mins + 64),
                    m3 = T.LoadU8AsI16(in w, mins + 96);
                y0 = NarrowMins<V, T, F>.AddSuperBlock(y0, i0, d, NarrowMins<V, T, F>.Products(in xSums, 1, 0, m0, m1, m2, m3), dMin, x0);
                xSums = ref Unsafe.AddByteOffset(ref xSums, 4 * Word);
            }
            else
            {
                y0 = T.MultiplyAddF32(T.ConvertI32ToF32(i0), T.MultiplyF32(d, x0), y0);
                if (F.HasMins)
                {
                    y0 = NarrowMins<V, T, F>.AddBlock(in w, lane, d, in xSums, y0);
                    xSums = ref Unsafe.AddByteOffset(ref xSums, Word);
                }
            }
            xScales = ref Unsafe.AddByteOffset(ref xScales, Word);
            w = ref Unsafe.AddByteOffset(ref w, F.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
    }

    // Rows lane … lane + Lanes − 1 of one super-block, 8 tokens: their i32 sums before d and the activations' scales. The float work is
    // apart: variables that live across it would be spilled in every round.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplySuperBlock8(
        ref readonly byte w, ref readonly byte unpacked, scoped in EightTokens x, nint lane, ref byte integers)
    {
        if (T.Lanes == Rows) lane = 0;
        ref byte q = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in unpacked), Word * lane);
        ref byte xq = ref Unsafe.AsRef(in x.First.Values), xr = ref Unsafe.AsRef(in x.Second.Values);
        ref byte xqOffsets = ref Unsafe.AsRef(in x.First.Offsets), xrOffsets = ref Unsafe.AsRef(in x.Second.Offsets);
        V i0 = T.Zero, i1 = T.Zero, i2 = T.Zero, i3 = T.Zero, i4 = T.Zero, i5 = T.Zero, i6 = T.Zero, i7 = T.Zero;
        nint scales = F.ScalesOffset + lane;
        for (int sub = 0; sub < F.SubBlocks; sub++)
        {
            for (nint run = 0; run < 8 / F.GroupsPerWidening; run++)
            {
                V p0 = Start(in xqOffsets, 0), p1 = Start(in xqOffsets, 1), p2 = Start(in xqOffsets, 2), p3 = Start(in xqOffsets, 3);
                V p4 = Start(in xrOffsets, 0), p5 = Start(in xrOffsets, 1), p6 = Start(in xrOffsets, 2), p7 = Start(in xrOffsets, 3);
                Group8(in q, in xq, in xr, 0, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                Group8(in q, in xq, in xr, 1, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                Group8(in q, in xq, in xr, 2, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                Group8(in q, in xq, in xr, 3, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                if (F.GroupsPerWidening == 8)
                {
                    Group8(in q, in xq, in xr, 4, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                    Group8(in q, in xq, in xr, 5, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                    Group8(in q, in xq, in xr, 6, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                    Group8(in q, in xq, in xr, 7, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                }
                q = ref Unsafe.AddByteOffset(ref q, F.GroupsPerWidening * 64);
                xq = ref Unsafe.AddByteOffset(ref xq, F.GroupsPerWidening * 4 * Word);
                xr = ref Unsafe.AddByteOffset(ref xr, F.GroupsPerWidening * 4 * Word);
                Widen4(in w, scales + (run * SecondScale), p0, p1, p2, p3, ref i0, ref i1, ref i2, ref i3);
                Widen4(in w, scales + (run * SecondScale), p4, p5, p6, p7, ref i4, ref i5, ref i6, ref i7);
                if (F.Offset != 0)
                {
                    xqOffsets = ref Unsafe.AddByteOffset(ref xqOffsets, 4 * Word);
                    xrOffsets = ref Unsafe.AddByteOffset(ref xrOffsets, 4 * Word);
                }
            }
            scales += F.ScalesStride;
        }
        T.Store(i0, ref integers, 0);
        T.Store(i1, ref integers, 64);
        T.Store(i2, ref integers, 128);
        T.Store(i3, ref integers, 192);
        T.Store(i4, ref integers, 256);
        T.Store(i5, ref integers, 320);
        T.Store(i6, ref integers, 384);
        T.Store(i7, ref integers, 448);
    }

    // Rows lane … lane + Lanes − 1 of blocks of 32, 8 tokens; adds to the sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyBlocks8(
        ref readonly byte tile, ref readonly byte unpacked, int blocks, scoped in EightTokens x, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0;
        nint row = Word * lane;
        ref byte w = ref Unsafe.AsRef(in tile), q = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in unpacked), row);
        ref byte xq = ref Unsafe.AsRef(in x.First.Values), xr = ref Unsafe.AsRef(in x.Second.Values);
        ref byte xqOffsets = ref Unsafe.AsRef(in x.First.Offsets), xrOffsets = ref Unsafe.AsRef(in x.Second.Offsets);
        ref byte xqScales = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.First.Scales)),
            xrScales = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Second.Scales));
        ref byte xqSums = ref Unsafe.AsRef(in x.First.Sums), xrSums = ref Unsafe.AsRef(in x.Second.Sums);
        V y0 = T.Load(in sums, row), y1 = T.Load(in sums, row + 64), y2 = T.Load(in sums, row + 128), y3 = T.Load(in sums, row + 192);
        V y4 = T.Load(in sums, row + 256), y5 = T.Load(in sums, row + 320), y6 = T.Load(in sums, row + 384),
            y7 = T.Load(in sums, row + 448);
        for (int block = 0; block < blocks; block++)
        {
            V p0 = Start(in xqOffsets, 0), p1 = Start(in xqOffsets, 1), p2 = Start(in xqOffsets, 2), p3 = Start(in xqOffsets, 3);
            V p4 = Start(in xrOffsets, 0), p5 = Start(in xrOffsets, 1), p6 = Start(in xrOffsets, 2), p7 = Start(in xrOffsets, 3);
            for (nint half = 0; half < 2; half++)
            {
                Group8(in q, in xq, in xr, 0, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                Group8(in q, in xq, in xr, 1, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                Group8(in q, in xq, in xr, 2, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                Group8(in q, in xq, in xr, 3, ref p0, ref p1, ref p2, ref p3, ref p4, ref p5, ref p6, ref p7);
                q = ref Unsafe.AddByteOffset(ref q, 4 * 64);
                xq = ref Unsafe.AddByteOffset(ref xq, 4 * 4 * Word);
                xr = ref Unsafe.AddByteOffset(ref xr, 4 * 4 * Word);
            }
            V d = T.LoadF16(in w, 2 * lane);
            y0 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p0)), T.MultiplyF32(d, T.Broadcast32(in xqScales, 0)), y0);
            y1 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p1)), T.MultiplyF32(d, T.Broadcast32(in xqScales, Word)), y1);
            y2 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p2)), T.MultiplyF32(d, T.Broadcast32(in xqScales, 2 * Word)), y2);
            y3 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p3)), T.MultiplyF32(d, T.Broadcast32(in xqScales, 3 * Word)), y3);
            y4 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p4)), T.MultiplyF32(d, T.Broadcast32(in xrScales, 0)), y4);
            y5 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p5)), T.MultiplyF32(d, T.Broadcast32(in xrScales, Word)), y5);
            y6 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p6)), T.MultiplyF32(d, T.Broadcast32(in xrScales, 2 * Word)), y6);
            y7 = T.MultiplyAddF32(T.ConvertI32ToF32(T.Widen(p7)), T.MultiplyF32(d, T.Broadcast32(in xrScales, 3 * Word)), y7);
            if (F.HasMins)
            {
                NarrowMins<V, T, F>.AddBlock4(in w, lane, d, in xqSums, ref y0, ref y1, ref y2, ref y3);
                NarrowMins<V, T, F>.AddBlock4(in w, lane, d, in xrSums, ref y4, ref y5, ref y6, ref y7);
                xqSums = ref Unsafe.AddByteOffset(ref xqSums, 4 * Word);
                xrSums = ref Unsafe.AddByteOffset(ref xrSums, 4 * Word);
            }
            xqScales = ref Unsafe.AddByteOffset(ref xqScales, 4 * Word);
            xrScales = ref Unsafe.AddByteOffset(ref xrScales, 4 * Word);
            if (F.Offset != 0)
            {
                xqOffsets = ref Unsafe.AddByteOffset(ref xqOffsets, 4 * Word);
                xrOffsets = ref Unsafe.AddByteOffset(ref xrOffsets, 4 * Word);
            }
            w = ref Unsafe.AddByteOffset(ref w, F.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
        T.Store(y1, ref sums, row + 64);
        T.Store(y2, ref sums, row + 128);
        T.Store(y3, ref sums, row + 192);
        T.Store(y4, ref sums, row + 256);
        T.Store(y5, ref sums, row + 320);
        T.Store(y6, ref sums, row + 384);
        T.Store(y7, ref sums, row + 448);
    }

    // One unpacked k-group, 8 tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Group8(
        ref readonly byte q, ref readonly byte xq, ref readonly byte xr, int group,
        ref V p0, ref V p1, ref V p2, ref V p3, ref V p4, ref V p5, ref V p6, ref V p7)
    {
        V weights = T.Load(in q, 64 * group);
        nint at = group * 4 * Word;
        T.AccumulatePairs(
            weights,
            T.Broadcast32(in xq, at), T.Broadcast32(in xq, at + Word), T.Broadcast32(in xq, at + 2 * Word),
            T.Broadcast32(in xq, at + 3 * Word),
            ref p0, ref p1, ref p2, ref p3);
        T.AccumulatePairs(
            weights,
            T.Broadcast32(in xr, at), T.Broadcast32(in xr, at + Word), T.Broadcast32(in xr, at + 2 * Word),
            T.Broadcast32(in xr, at + 3 * Word),
            ref p4, ref p5, ref p6, ref p7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnpackPair(ref readonly byte w, nint subBlock, int pair, ref byte to, nint row)
    {
        F.Unpack<V, T>(in w, subBlock, pair, out V even, out V odd);
        T.Store(even, ref to, (128 * pair) + row);
        T.Store(odd, ref to, (128 * pair) + 64 + row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start(ref readonly byte xOffsets, int token) =>
        F.Offset != 0 ? F.Start<V, T>(T.Broadcast32(in xOffsets, Word * token)) : T.Zero;

    // Two k-groups, 4 tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair4(ref readonly byte w, nint subBlock, ref readonly byte xq, int pair, ref V p0, ref V p1, ref V p2, ref V p3)
    {
        F.Unpack<V, T>(in w, subBlock, pair, out V even, out V odd);
        nint at = pair * 8 * Word;
        T.AccumulatePairs(
            even,
            T.Broadcast32(in xq, at), T.Broadcast32(in xq, at + Word), T.Broadcast32(in xq, at + 2 * Word),
            T.Broadcast32(in xq, at + 3 * Word),
            ref p0, ref p1, ref p2, ref p3);
        T.AccumulatePairs(
            odd,
            T.Broadcast32(in xq, at + 4 * Word), T.Broadcast32(in xq, at + 5 * Word), T.Broadcast32(in xq, at + 6 * Word),
            T.Broadcast32(in xq, at + 7 * Word),
            ref p0, ref p1, ref p2, ref p3);
    }

    // Two k-groups, 1 token.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Pair1(ref readonly byte w, nint subBlock, ref readonly byte xq, int pair, V p)
    {
        F.Unpack<V, T>(in w, subBlock, pair, out V even, out V odd);
        p = T.AccumulatePairs(p, even, T.Broadcast32(in xq, pair * 2 * Word));
        return T.AccumulatePairs(p, odd, T.Broadcast32(in xq, pair * 2 * Word + Word));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Widen(ref readonly byte w, nint scales, V p, V i) =>
        F.SubBlocks == 1 ? T.AddI32(i, T.Widen(p)) : T.AddI32(i, T.Widen(p, ScalePairs(in w, scales)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen4(ref readonly byte w, nint scales, V p0, V p1, V p2, V p3, ref V i0, ref V i1, ref V i2, ref V i3)
    {
        if (F.SubBlocks == 1)
        {
            i0 = T.AddI32(i0, T.Widen(p0));
            i1 = T.AddI32(i1, T.Widen(p1));
            i2 = T.AddI32(i2, T.Widen(p2));
            i3 = T.AddI32(i3, T.Widen(p3));
            return;
        }
        V scale = ScalePairs(in w, scales);
        i0 = T.AddI32(i0, T.Widen(p0, scale));
        i1 = T.AddI32(i1, T.Widen(p1, scale));
        i2 = T.AddI32(i2, T.Widen(p2, scale));
        i3 = T.AddI32(i3, T.Widen(p3, scale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ScalePairs(ref readonly byte w, nint scales)
    {
        V bytes = T.LoadScalePairs(in w, scales);
        return F.HasMinsOf16 ? T.ShiftRight16(T.ShiftLeft16(bytes, 12), 12) : bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scale(ref readonly byte w, nint lane) => F.SubBlocks == 1 ? T.LoadF16(in w, 2 * lane) : T.LoadSmallF16(in w, 2 * lane);
}
