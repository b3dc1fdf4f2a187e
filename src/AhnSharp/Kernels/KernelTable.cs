using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Int8;
using AhnSharp.Kernels.Portable;
using AhnSharp.Kernels.Probes;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Kernels.Tiles;

namespace AhnSharp.Kernels;

/// <summary>The one place that asks which instruction set there is, and the table of (format, tier) → kernel.</summary>
internal static class KernelTable
{
    /// <summary>The environment variable that forces a tier.</summary>
    public const string Variable = "AHN_ISA";

    private static readonly Isa[] s_tiers = [Isa.Sse, Isa.Avx2, Isa.Avx512, Isa.Neon, Isa.NeonDot];
    private static Isa? s_active;
    private static Gemm? s_gemm;
    private static IndexKernel? s_index;
    private static BlockKernel? s_block;

    /// <summary>The widest tier of this processor (as far as the runtime was allowed to use it).</summary>
    public static Isa Detected { get; } =
        IsSupported(Isa.Avx512) ? Isa.Avx512
        : IsSupported(Isa.Avx2) ? Isa.Avx2
        : IsSupported(Isa.Sse) ? Isa.Sse
        : IsSupported(Isa.NeonDot) ? Isa.NeonDot
        : IsSupported(Isa.Neon) ? Isa.Neon
        : Isa.Scalar;

    /// <summary>Whether memory can be asked for ahead: .NET exposes the instruction of x86 alone.</summary>
    internal static bool HasPrefetch
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sse.IsSupported;
    }

    /// <summary>The tier in use: that of <c>AHN_ISA</c>, or <see cref="Detected"/>.</summary>
    /// <exception cref="PlatformNotSupportedException">AHN_ISA names no tier, or one that this processor lacks.</exception>
    public static Isa Active => s_active ??= Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Small products on the active tier.</summary>
    public static Gemm Gemm => s_gemm ??= GemmOf(Active);

    /// <summary>Scores of the archive's index on the active tier.</summary>
    public static IndexKernel Index => s_index ??= IndexOf(Active);

    /// <summary>Exact scores of archived blocks on the active tier.</summary>
    public static BlockKernel Block => s_block ??= BlockOf(Active);

    /// <summary>What the runtime says of this processor's instruction sets, those of its architecture.</summary>
    public static IReadOnlyList<(string Name, bool Found)> InstructionSets { get; } =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64
            ? [("AdvSimd", AdvSimd.Arm64.IsSupported), ("Dp (sdot)", Dp.IsSupported)]
            : [
                ("SSSE3", Ssse3.IsSupported), ("SSE4.1", Sse41.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
                ("AVX-512F", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512DQ", Avx512DQ.IsSupported),
                ("AVX-512VL", Avx512F.VL.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported),
            ];

    /// <summary>Every kernel: 15 formats × 6 tiers.</summary>
    public static IReadOnlyList<KernelRow> Rows { get; } =
    [
        .. Tiled(
            GgmlType.F32,
            new FloatTile<Vector128<byte>, SseTier, F32Element<Vector128<byte>, SseTier>>(),
            new FloatTile<Vector256<byte>, Avx2Tier, F32Element<Vector256<byte>, Avx2Tier>>(),
            new FloatTile<Vector512<byte>, Avx512Tier, F32Element<Vector512<byte>, Avx512Tier>>(),
            new FloatTile<Vector128<byte>, NeonTier, F32Element<Vector128<byte>, NeonTier>>(),
            new FloatTile<Vector128<byte>, NeonDotTier, F32Element<Vector128<byte>, NeonDotTier>>()),
        .. Tiled(
            GgmlType.F16,
            new FloatTile<Vector128<byte>, SseTier, F16Element<Vector128<byte>, SseTier>>(),
            new FloatTile<Vector256<byte>, Avx2Tier, F16Element<Vector256<byte>, Avx2Tier>>(),
            new FloatTile<Vector512<byte>, Avx512Tier, F16Element<Vector512<byte>, Avx512Tier>>(),
            new FloatTile<Vector128<byte>, NeonTier, F16Element<Vector128<byte>, NeonTier>>(),
            new FloatTile<Vector128<byte>, NeonDotTier, F16Element<Vector128<byte>, NeonDotTier>>()),
        .. Tiled(
            GgmlType.BF16,
            new FloatTile<Vector128<byte>, SseTier, BF16Element<Vector128<byte>, SseTier>>(),
            new FloatTile<Vector256<byte>, Avx2Tier, BF16Element<Vector256<byte>, Avx2Tier>>(),
            new FloatTile<Vector512<byte>, Avx512Tier, BF16Element<Vector512<byte>, Avx512Tier>>(),
            new FloatTile<Vector128<byte>, NeonTier, BF16Element<Vector128<byte>, NeonTier>>(),
            new FloatTile<Vector128<byte>, NeonDotTier, BF16Element<Vector128<byte>, NeonDotTier>>()),
        .. Wide<Q8_0Tile>(),
        .. Wide<IQ4_NLTile>(),
        .. Wide<IQ4_XSTile>(),
        .. Narrow<Q4_0Tile>(),
        .. Narrow<Q4_1Tile>(),
        .. Narrow<Q5_0Tile>(),
        .. Narrow<Q5_1Tile>(),
        .. Narrow<Q2_KTile>(),
        .. Narrow<Q3_KTile>(),
        .. Narrow<Q4_KTile>(),
        .. Narrow<Q5_KTile>(),
        .. Narrow<Q6_KTile>(),
    ];

    /// <summary>
    /// The kernels for activations of 7 bits, <see cref="ActivationPrecision.SevenBits"/>: Q8_0 on every tier but the portable one.
    /// </summary>
    public static IReadOnlyList<KernelRow> SevenBitRows { get; } =
    [
        .. Tiled(
            GgmlType.Q8_0,
            new SevenBitTile<Vector128<byte>, SseTier>(),
            new SevenBitTile<Vector256<byte>, Avx2Tier>(),
            new SevenBitTile<Vector512<byte>, Avx512Tier>(),
            new SevenBitTile<Vector128<byte>, NeonTier>(),
            new SevenBitTile<Vector128<byte>, NeonDotTier>()).Where(row => row.IsTiled),
    ];

    /// <summary>The kernel of a format on a tier.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor lacks the tier.</exception>
    public static KernelRow Row(GgmlType type, Isa isa, ActivationPrecision activations = ActivationPrecision.EightBits)
    {
        if (!IsSupported(isa))
            throw new PlatformNotSupportedException($"This processor cannot run the kernels of {NameOf(isa)}; it can run {Runnable()}.");
        KernelRow? sevenBit =
            activations == ActivationPrecision.SevenBits ? SevenBitRows.FirstOrDefault(row => row.Type == type && row.Isa == isa) : null;
        return sevenBit ?? Rows.First(row => row.Type == type && row.Isa == isa);
    }

    /// <summary>Small products on a tier.</summary>
    public static Gemm GemmOf(Isa isa) => isa switch
    {
        Isa.Sse => new TierGemm<Vector128<byte>, SseTier>(),
        Isa.Avx2 => new TierGemm<Vector256<byte>, Avx2Tier>(),
        Isa.Avx512 => new TierGemm<Vector512<byte>, Avx512Tier>(),
        Isa.Neon => new TierGemm<Vector128<byte>, NeonTier>(),
        Isa.NeonDot => new TierGemm<Vector128<byte>, NeonDotTier>(),
        _ => new PortableGemm(),
    };

    /// <summary>Scores of the archive's index on a tier; all give the same bits.</summary>
    public static IndexKernel IndexOf(Isa isa) => isa switch
    {
        Isa.Sse => new TierIndex<Vector128<byte>, SseTier>(),
        Isa.Avx2 => new TierIndex<Vector256<byte>, Avx2Tier>(),
        Isa.Avx512 => new TierIndex<Vector512<byte>, Avx512Tier>(),
        Isa.Neon => new TierIndex<Vector128<byte>, NeonTier>(),
        Isa.NeonDot => new TierIndex<Vector128<byte>, NeonDotTier>(),
        _ => new PortableIndex(),
    };

    /// <summary>Exact scores of archived blocks on a tier.</summary>
    public static BlockKernel BlockOf(Isa isa) => isa switch
    {
        Isa.Sse => new TierBlock<Vector128<byte>, SseTier>(),
        Isa.Avx2 => new TierBlock<Vector256<byte>, Avx2Tier>(),
        Isa.Avx512 => new TierBlock<Vector512<byte>, Avx512Tier>(),
        Isa.Neon => new TierBlock<Vector128<byte>, NeonTier>(),
        Isa.NeonDot => new TierBlock<Vector128<byte>, NeonDotTier>(),
        _ => new PortableBlock(),
    };

    /// <summary>What measures the peak of a tier; null for the portable one.</summary>
    internal static MultiplyAddPeak? PeakOf(Isa isa) => isa switch
    {
        Isa.Sse => new TierPeak<Vector128<byte>, SseTier>(),
        Isa.Avx2 => new TierPeak<Vector256<byte>, Avx2Tier>(),
        Isa.Avx512 => new TierPeak<Vector512<byte>, Avx512Tier>(),
        Isa.Neon => new TierPeak<Vector128<byte>, NeonTier>(),
        Isa.NeonDot => new TierPeak<Vector128<byte>, NeonDotTier>(),
        _ => null,
    };

    /// <summary>Whether this process can run a tier.</summary>
    public static bool IsSupported(Isa isa) => isa switch
    {
        Isa.Scalar => true,
        Isa.Sse => Ssse3.IsSupported && Sse41.IsSupported,
        Isa.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        Isa.Avx512 => Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported && Vector512.IsHardwareAccelerated,
        Isa.Neon => AdvSimd.Arm64.IsSupported,
        Isa.NeonDot => AdvSimd.Arm64.IsSupported && Dp.IsSupported,
        _ => false,
    };

    /// <summary>The name of a tier as <c>AHN_ISA</c> takes it: scalar, sse, avx2, avx512, neon, neon-dot.</summary>
    public static string NameOf(Isa isa) => isa switch
    {
        Isa.Scalar => "scalar",
        Isa.Sse => "sse",
        Isa.Avx2 => "avx2",
        Isa.Avx512 => "avx512",
        Isa.Neon => "neon",
        Isa.NeonDot => "neon-dot",
        _ => throw new ArgumentOutOfRangeException(nameof(isa), isa, "Not a tier."),
    };

    /// <summary>The tier that a value of <c>AHN_ISA</c> asks for; null or empty for <see cref="Detected"/>.</summary>
    internal static Isa Choose(string? name)
    {
        if (string.IsNullOrEmpty(name)) return Detected;
        foreach (Isa isa in Enum.GetValues<Isa>())
        {
            if (NameOf(isa) != name) continue;
            if (IsSupported(isa)) return isa;
            throw new PlatformNotSupportedException(
                $"{Variable}={name} asks for instructions that this processor lacks; it can run {Runnable()}.");
        }
        throw new PlatformNotSupportedException($"{Variable} must be one of scalar, sse, avx2, avx512, neon and neon-dot, found '{name}'.");
    }

    private static string Runnable() => string.Join(", ", Enum.GetValues<Isa>().Where(IsSupported).Select(NameOf));

    private static IEnumerable<KernelRow> Tiled(
        GgmlType type, TileKernel sse, TileKernel avx2, TileKernel avx512, TileKernel neon, TileKernel neonDot)
    {
        yield return PortableRow(type, Isa.Scalar);
        TileKernel[] kernels = [sse, avx2, avx512, neon, neonDot];
        for (int i = 0; i < s_tiers.Length; i++)
        {
            TileKernel kernel = kernels[i];
            yield return new KernelRow(
                type, s_tiers[i], IsTiled: true, (rows, columns, read, workers) =>
                    new TileMatrix(type, rows, columns, kernel, read, workers))
            {
                Kernel = kernel,
            };
        }
    }

    private static IEnumerable<KernelRow> Narrow<F>() where F : struct, INarrowFormat => Tiled(
        F.Type,
        new NarrowTile<Vector128<byte>, SseTier, F>(),
        new NarrowTile<Vector256<byte>, Avx2Tier, F>(),
        new NarrowTile<Vector512<byte>, Avx512Tier, F>(),
        new NarrowTile<Vector128<byte>, NeonTier, F>(),
        new NarrowTile<Vector128<byte>, NeonDotTier, F>());

    private static IEnumerable<KernelRow> Wide<F>() where F : struct, IWideFormat => Tiled(
        F.Type,
        new WideTile<Vector128<byte>, SseTier, F>(),
        new WideTile<Vector256<byte>, Avx2Tier, F>(),
        new WideTile<Vector512<byte>, Avx512Tier, F>(),
        new WideTile<Vector128<byte>, NeonTier, F>(),
        new WideTile<Vector128<byte>, NeonDotTier, F>());

    private static KernelRow PortableRow(GgmlType type, Isa isa) =>
        new(type, isa, IsTiled: false, (rows, columns, read, workers) => new PortableMatrix(type, rows, columns, read, workers));
}
