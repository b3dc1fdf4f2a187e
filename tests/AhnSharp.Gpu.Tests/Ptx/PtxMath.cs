using System;

namespace AhnSharp.Gpu.Tests.Ptx;

/// <summary>What the instructions of <see cref="PtxMachine"/> compute.</summary>
internal static class PtxMath
{
    /// <summary>The result of an instruction that computes one register from others.</summary>
    public static ulong Compute(PtxThread thread, PtxInstruction instruction)
    {
        ulong a = Operand(1), b = Operand(2), c = Operand(3);
        int x = (int)a, y = (int)b;
        return instruction.Opcode switch
        {
            "mov.b32" or "mov.b64" or "mov.f32" or "cvta.to.global.u64" => a,
            "add.s32" => (uint)(x + y),
            "sub.s32" => (uint)(x - y),
            "mul.lo.s32" => (uint)(x * y),
            "div.s32" => (uint)(x / y),
            "rem.s32" => (uint)(x % y),
            "min.s32" => (uint)Math.Min(x, y),
            "max.s32" => (uint)Math.Max(x, y),
            "add.s64" or "add.u64" => a + b,
            "mul.lo.s64" => a * b,
            "mad.lo.u64" => a * b + c,
            "mul.wide.u32" => (ulong)(uint)a * (uint)b,
            "and.b32" => (uint)a & (uint)b,
            "or.b32" => (uint)a | (uint)b,
            "xor.b32" => (uint)a ^ (uint)b,
            "shl.b32" => (uint)a << y,
            "shr.s32" => (uint)(x >> y),
            "shr.u32" => (uint)a >> y,
            "shl.b64" => a << y,
            "shr.s64" => (ulong)((long)a >> y),
            "cvt.s64.s32" => (ulong)(long)x,
            "cvt.s32.u16" => (ushort)a,
            "cvt.rn.f32.s32" => Bits(x),
            "cvt.rn.f16x2.f32" => Pair(Float(b), Float(a)),
            "low.f16" => Bits(Half(a)),
            "high.f16" => Bits(Half(a >> 16)),
            "add.f32" => Bits(Float(a) + Float(b)),
            "mul.f32" => Bits(Float(a) * Float(b)),
            "neg.f32" => Bits(-Float(a)),
            "sub.rn.f16x2" => Pair(Half(a) - Half(b), Half(a >> 16) - Half(b >> 16)),
            "mul.rn.f16x2" => Pair(Half(a) * Half(b), Half(a >> 16) * Half(b >> 16)),
            "fma.rn.f16x2" => Pair((double)Half(a) * Half(b) + Half(c), (double)Half(a >> 16) * Half(b >> 16) + Half(c >> 16)),
            "prmt.b32" => Permute((uint)a | (b << 32), (uint)c),
            "selp.b32" => c != 0 ? a : b,
            "setp.eq.s32" or "setp.eq.u32" => x == y ? 1u : 0,
            "setp.ne.s32" or "setp.ne.u32" => x != y ? 1u : 0,
            "setp.ge.s32" => x >= y ? 1u : 0,
            "setp.gt.s32" => x > y ? 1u : 0,
            "setp.le.s32" => x <= y ? 1u : 0,
            "setp.lt.s32" => x < y ? 1u : 0,
            _ => throw new NotSupportedException($"Expected an instruction that is known here, found {instruction.Opcode}."),
        };

        ulong Operand(int index) => index < instruction.Operands.Length ? thread.Value(instruction.Operands[index]) : 0;
    }

    /// <summary>mma.sync.m16n8k16 of halves into floats, over the lanes of a warp.</summary>
    public static void Multiply(PtxThread[] warp, PtxInstruction instruction)
    {
        double[,] a = new double[16, 16], b = new double[16, 8];
        for (int lane = 0; lane < warp.Length; lane++)
        {
            int g = lane / 4, t = lane % 4 * 2;
            for (int i = 0; i < 4; i++)
            {
                ulong pair = warp[lane].Value(instruction.Operands[4 + i]);
                int row = g + i % 2 * 8, column = t + i / 2 * 8;
                (a[row, column], a[row, column + 1]) = (Half(pair), Half(pair >> 16));
            }
            for (int i = 0; i < 2; i++)
            {
                ulong pair = warp[lane].Value(instruction.Operands[8 + i]);
                (b[t + 8 * i, g], b[t + 1 + 8 * i, g]) = (Half(pair), Half(pair >> 16));
            }
        }
        for (int lane = 0; lane < warp.Length; lane++)
        {
            ulong[] sums = new ulong[4];
            for (int i = 0; i < 4; i++)
            {
                double sum = Float(warp[lane].Value(instruction.Operands[10 + i]));
                for (int k = 0; k < 16; k++) sum += a[lane / 4 + i / 2 * 8, k] * b[k, lane % 4 * 2 + i % 2];
                sums[i] = Bits((float)sum);
            }
            for (int i = 0; i < 4; i++) warp[lane].Registers[instruction.Operands[i].Register] = sums[i];
        }
    }

    /// <summary>The bits of a half.</summary>
    public static ushort HalfBits(double value) => BitConverter.HalfToUInt16Bits((Half)value);

    /// <summary>The low half of a word.</summary>
    public static float Half(ulong bits) => (float)BitConverter.UInt16BitsToHalf((ushort)bits);

    private static ulong Pair(double low, double high) => HalfBits(low) | ((uint)HalfBits(high) << 16);

    private static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static ulong Permute(ulong bytes, uint selector)
    {
        uint result = 0;
        for (int i = 0; i < 4; i++) result |= (uint)(byte)(bytes >> (8 * (int)((selector >> (4 * i)) & 7))) << (8 * i);
        return result;
    }
}
