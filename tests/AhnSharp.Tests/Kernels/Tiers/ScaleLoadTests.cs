using System;
using System.Runtime.Intrinsics;
using AhnSharp.Kernels;
using AhnSharp.Kernels.Tiers;
using Xunit;

namespace AhnSharp.Tests.Kernels.Tiers;

/// <summary>How tiers read scales: every finite half and every signed byte is the number it stands for, to the bit.</summary>
public class ScaleLoadTests
{
    [TierFact(Isa.Sse)]
    public void Sse() => Holds<Vector128<byte>, SseTier>();

    [TierFact(Isa.Avx2)]
    public void Avx2() => Holds<Vector256<byte>, Avx2Tier>();

    [TierFact(Isa.Avx512)]
    public void Avx512() => Holds<Vector512<byte>, Avx512Tier>();

    [TierFact(Isa.Neon)]
    public void Neon() => Holds<Vector128<byte>, NeonTier>();

    [TierFact(Isa.NeonDot)]
    public void NeonDot() => Holds<Vector128<byte>, NeonDotTier>();

    private static void Holds<V, T>()
        where V : struct
        where T : struct, ITier<V>
    {
        byte[] halves = new byte[2 * 65536 + 64], bytes = new byte[256 + 64], lanes = new byte[64];
        for (int i = 0; i < 65536; i++) BitConverter.TryWriteBytes(halves.AsSpan(2 * i), (ushort)i);
        for (int i = 0; i < 256; i++) bytes[i] = (byte)i;
        for (int i = 0; i < 65536; i += T.Lanes)
        {
            T.Store(T.LoadSmallF16(in halves[0], 2 * i), ref lanes[0], 0);
            for (int lane = 0; lane < T.Lanes; lane++)
            {
                Half expected = BitConverter.UInt16BitsToHalf((ushort)(i + lane));
                if (Half.IsFinite(expected)) Assert.Equal((float)expected, BitConverter.ToSingle(lanes, 4 * lane));
            }
        }
        for (int i = 0; i < 256; i += T.Lanes)
        {
            T.Store(T.LoadS8AsF32(in bytes[0], i), ref lanes[0], 0);
            for (int lane = 0; lane < T.Lanes; lane++) Assert.Equal((sbyte)(i + lane), BitConverter.ToSingle(lanes, 4 * lane));
        }
    }
}
