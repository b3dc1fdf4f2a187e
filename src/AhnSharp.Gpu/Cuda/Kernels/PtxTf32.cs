using ILGPU;
using ILGPU.IR.Intrinsics;

namespace AhnSharp.Gpu.Cuda.Kernels;

// Products of floats of 19 bits, and copies that may end within their 16 bytes.
internal static unsafe partial class Ptx
{
    /// <summary>The nearest float with 10 bits behind the point, halves away from zero.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("cvt.rna.tf32.f32 %0, %1;")]
    public static uint ToTf32(float x) => (Interop.FloatAsInt(x) + 0x1000) & 0xFFFFE000;

    /// <summary>C + A·B of a warp: A [16, 8] and B [8, 8] in TF32, C [16, 8] in floats.</summary>
    /// <remarks>
    /// With g = lane/4 and t = lane%4: A.X = row g, column t; A.Y = row g+8; A.Z = row g, column t+4; A.W = row g+8, column t+4. b0 = row t
    /// of column g; b1 = row t+4. C as <see cref="Mma"/>.
    /// </remarks>
    [IntrinsicImplementation]
    [PtxInstruction(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};")]
    public static Float4 MmaTf32(Word4 a, uint b0, uint b1, Float4 c)
    {
        int row = Warp.LaneIdx / 4 * 4;
        int column = Warp.LaneIdx % 4 * 8;
        for (int s = 0; s < 4; s++)
        {
            float x = Interop.IntAsFloat(Warp.Shuffle(a.X, row + s)), y = Interop.IntAsFloat(Warp.Shuffle(a.Y, row + s)),
                z = Interop.IntAsFloat(Warp.Shuffle(a.Z, row + s)), w = Interop.IntAsFloat(Warp.Shuffle(a.W, row + s));
            float p = Interop.IntAsFloat(Warp.Shuffle(b0, column + s)), q = Interop.IntAsFloat(Warp.Shuffle(b1, column + s));
            c.X += x * p + z * q;
            c.Z += y * p + w * q;
            p = Interop.IntAsFloat(Warp.Shuffle(b0, column + 4 + s));
            q = Interop.IntAsFloat(Warp.Shuffle(b1, column + 4 + s));
            c.Y += x * p + z * q;
            c.W += y * p + w * q;
        }
        return c;
    }

    /// <summary>Copies the first bytes of 16 to shared memory in the background; zeros behind them.</summary>
    /// <param name="shared">Takes 16 bytes.</param>
    /// <param name="global">16 bytes, of which only the first are read.</param>
    /// <param name="bytes">0, 4, 8, 12 or 16.</param>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .u64 s, g; .reg .u32 a; cvta.to.shared.u64 s, %0; cvt.u32.u64 a, s; cvta.to.global.u64 g, %1; "
        + "cp.async.cg.shared.global [a], [g], 16, %2; }")]
    public static void CopyPart(ref Word4 shared, ref Word4 global, int bytes)
    {
        var words = default(Word4);
        if (bytes > 0) words.X = global.X;
        if (bytes > 4) words.Y = global.Y;
        if (bytes > 8) words.Z = global.Z;
        if (bytes > 12) words.W = global.W;
        shared = words;
    }

    /// <summary>Copies a float to shared memory in the background, or zero.</summary>
    /// <param name="shared">Takes it.</param>
    /// <param name="global">Is read where there is something to read.</param>
    /// <param name="bytes">4, or 0: zero.</param>
    [IntrinsicImplementation]
    [PtxInstruction("{ .reg .u64 s, g; .reg .u32 a; cvta.to.shared.u64 s, %0; cvt.u32.u64 a, s; cvta.to.global.u64 g, %1; "
        + "cp.async.ca.shared.global [a], [g], 4, %2; }")]
    public static void CopyOne(ref float shared, ref float global, int bytes) => shared = bytes > 0 ? global : 0;
}
