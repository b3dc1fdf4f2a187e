using ILGPU;
using ILGPU.IR.Intrinsics;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Instructions of an NVIDIA GPU that C# has no word for. The bodies say what they do, and run on ILGPU's CPU accelerator with warps of 32.
/// </summary>
/// <remarks>Source: NVIDIA, Parallel Thread Execution ISA 8.8.</remarks>
internal static partial class Ptx
{
    /// <summary>sum + Σ of four products of signed bytes.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("dp4a.s32.s32 %0, %1, %2, %3;")]
    public static int Dp4a(uint a, uint b, int sum) => sum
        + (sbyte)a * (sbyte)b
        + (sbyte)(a >> 8) * (sbyte)(b >> 8)
        + (sbyte)(a >> 16) * (sbyte)(b >> 16)
        + (sbyte)(a >> 24) * (sbyte)(b >> 24);

    /// <summary>2^x, to about 2 units in the last place.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("ex2.approx.f32 %0, %1;")]
    public static float Exp2(float x) => ILGPU.Algorithms.XMath.Exp2(x);

    /// <summary>The nearest integer, halves to even.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("cvt.rni.s32.f32 %0, %1;")]
    public static int Round(float x) => (int)(x + (x < 0 ? -0.5f : 0.5f));

    /// <summary>Two floats as halves in one word, the first in the low half, rounded to nearest.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("cvt.rn.f16x2.f32 %0, %2, %1;")]
    public static uint PackHalves(float low, float high) =>
        Interop.FloatAsInt((Half)low) | ((uint)Interop.FloatAsInt((Half)high) << 16);

    /// <summary>The low half of a word as a float.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .b16 l, h; mov.b32 {l, h}, %1; cvt.f32.f16 %0, l; }")]
    public static float LowHalf(uint halves) => (float)Interop.IntAsFloat((ushort)halves);

    /// <summary>The high half of a word as a float.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .b16 l, h; mov.b32 {l, h}, %1; cvt.f32.f16 %0, h; }")]
    public static float HighHalf(uint halves) => (float)Interop.IntAsFloat((ushort)(halves >> 16));

    /// <summary>The low halves of two words, the first below.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("prmt.b32 %0, %1, %2, 0x5410;")]
    public static uint LowHalves(uint first, uint second) => (first & 0xFFFF) | (second << 16);

    /// <summary>The high halves of two words, the first below.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("prmt.b32 %0, %1, %2, 0x7632;")]
    public static uint HighHalves(uint first, uint second) => (first >> 16) | (second & 0xFFFF0000);

    /// <summary>The low two bytes of a word, unsigned, as halves 1024 + byte.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("prmt.b32 %0, %1, 0x64646464, 0x4140;")]
    public static uint LowBytesAsHalves(uint bytes) => 0x64006400 | (bytes & 0xFF) | ((bytes & 0xFF00) << 8);

    /// <summary>The high two bytes of a word, unsigned, as halves 1024 + byte.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("prmt.b32 %0, %1, 0x64646464, 0x4342;")]
    public static uint HighBytesAsHalves(uint bytes) => LowBytesAsHalves(bytes >> 16);

    /// <summary>a − b of two halves each, rounded to nearest; b may be a constant, which the instruction itself does not take.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .b32 b; mov.b32 b, %2; sub.rn.f16x2 %0, %1, b; }")]
    public static uint SubtractHalves(uint a, uint b) => PackHalves(LowHalf(a) - LowHalf(b), HighHalf(a) - HighHalf(b));

    /// <summary>a · b of two halves each, rounded to nearest.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("mul.rn.f16x2 %0, %1, %2;")]
    public static uint MultiplyHalves(uint a, uint b) => PackHalves(LowHalf(a) * LowHalf(b), HighHalf(a) * HighHalf(b));

    /// <summary>a · b + c of two halves each, rounded once.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("fma.rn.f16x2 %0, %1, %2, %3;")]
    public static uint FmaHalves(uint a, uint b, uint c) =>
        PackHalves(LowHalf(a) * LowHalf(b) + LowHalf(c), HighHalf(a) * HighHalf(b) + HighHalf(c));

    /// <summary>C + A·B of a warp: A [16, 16] and B [16, 8] in halves, C [16, 8] in floats.</summary>
    /// <remarks>
    /// With g = lane/4 and t = lane%4: A.X = rows g, columns 2t and 2t+1; A.Y = row g+8; A.Z = row g, columns 2t+8, 2t+9; A.W = row g+8 of
    /// those. b0 = rows 2t, 2t+1 of column g; b1 = rows 2t+8, 2t+9. C.X, C.Y = row g, columns 2t, 2t+1; C.Z, C.W = row g+8.
    /// </remarks>
    [IntrinsicImplementation]
    [PtxInstruction(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};")]
    public static Float4 Mma(Word4 a, uint b0, uint b1, Float4 c)
    {
        int row = Warp.LaneIdx / 4 * 4;
        int column = Warp.LaneIdx % 4 * 8;
        for (int s = 0; s < 4; s++)
        {
            uint x = Warp.Shuffle(a.X, row + s), y = Warp.Shuffle(a.Y, row + s), z = Warp.Shuffle(a.Z, row + s),
                w = Warp.Shuffle(a.W, row + s);
            uint p = Warp.Shuffle(b0, column + s), q = Warp.Shuffle(b1, column + s);
            c.X += HalfDot(x, p) + HalfDot(z, q);
            c.Z += HalfDot(y, p) + HalfDot(w, q);
            p = Warp.Shuffle(b0, column + 4 + s);
            q = Warp.Shuffle(b1, column + 4 + s);
            c.Y += HalfDot(x, p) + HalfDot(z, q);
            c.W += HalfDot(y, p) + HalfDot(w, q);
        }
        return c;
    }

    /// <summary>Four 8×8 matrices of halves from shared memory; lane 8m + r names row r of matrix m.</summary>
    /// <returns>Of each matrix, row lane/4, columns 2·(lane%4) and the next.</returns>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .u64 s; .reg .u32 a; cvta.to.shared.u64 s, %4; cvt.u32.u64 a, s; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, "
        + "%1, %2, %3}, [a]; }")]
    public static Word4 LoadMatrices(ref Word4 row)
    {
        Word4 own = row;
        int r = Warp.LaneIdx / 4, t = Warp.LaneIdx % 4;
        var result = default(Word4);
        result.X = WordOf(own, r, t);
        result.Y = WordOf(own, 8 + r, t);
        result.Z = WordOf(own, 16 + r, t);
        result.W = WordOf(own, 24 + r, t);
        return result;
    }

    /// <summary>As <see cref="LoadMatrices"/>, each matrix transposed: of each, rows 2·(lane%4) and the next, column lane/4.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .u64 s; .reg .u32 a; cvta.to.shared.u64 s, %4; cvt.u32.u64 a, s; "
        + "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [a]; }")]
    public static Word4 LoadMatricesTransposed(ref Word4 row)
    {
        Word4 own = row;
        var result = default(Word4);
        result.X = TwoRows(own, 0);
        result.Y = TwoRows(own, 8);
        result.Z = TwoRows(own, 16);
        result.W = TwoRows(own, 24);
        return result;
    }

    /// <summary>16 bytes of global memory; the 256 around them come to the second-level cache together.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("ld.L2::256B.v4.u32 {%0, %1, %2, %3}, [%4];")]
    public static Word4 LoadBeside(ref Word4 words) => words;

    /// <summary>Copies 16 bytes to shared memory in the background.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .u64 s, g; .reg .u32 a; cvta.to.shared.u64 s, %0; cvt.u32.u64 a, s; cvta.to.global.u64 g, %1; "
        + "cp.async.cg.shared.global [a], [g], 16; }")]
    public static void CopyAsync(ref Word4 shared, ref Word4 global) => shared = global;

    /// <summary>Closes the group of copies begun since the last call.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("cp.async.commit_group;")]
    public static void CommitCopies()
    {
    }

    /// <summary>Waits until all groups of copies but the newest have arrived.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("cp.async.wait_group 1;")]
    public static void WaitForAllCopiesButOneGroup()
    {
    }

    /// <summary>Waits until all copies have arrived.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("cp.async.wait_group 0;")]
    public static void WaitForCopies()
    {
    }

    private static float HalfDot(uint a, uint b) => LowHalf(a) * LowHalf(b) + HighHalf(a) * HighHalf(b);

    private static uint WordOf(Word4 own, int lane, int word)
    {
        uint x = Warp.Shuffle(own.X, lane), y = Warp.Shuffle(own.Y, lane), z = Warp.Shuffle(own.Z, lane), w = Warp.Shuffle(own.W, lane);
        return word == 0 ? x : word == 1 ? y : word == 2 ? z : w;
    }

    private static uint TwoRows(Word4 own, int first)
    {
        int r = Warp.LaneIdx % 4 * 2, c = Warp.LaneIdx / 4;
        int shift = c % 2 * 16;
        uint low = WordOf(own, first + r, c / 2) >> shift, high = WordOf(own, first + r + 1, c / 2) >> shift;
        return (low & 0xFFFF) | (high << 16);
    }
}
