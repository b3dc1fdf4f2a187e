namespace AhnSharp.Kernels;

/// <summary>Tiers of kernels, by the widest instruction set they use. <c>AHN_ISA</c> forces one.</summary>
internal enum Isa
{
    /// <summary>Portable rows: decode to f32, then TensorPrimitives.Dot.</summary>
    Scalar,

    /// <summary>x86-64 with SSSE3 and SSE4.1: 128-bit registers.</summary>
    Sse,

    /// <summary>x86-64 with AVX2 and FMA: 256-bit registers.</summary>
    Avx2,

    /// <summary>x86-64 with AVX-512 F, BW, DQ and VL: 512-bit registers.</summary>
    Avx512,

    /// <summary>Arm64 AdvSimd: 128-bit registers, no dot-product instructions.</summary>
    Neon,

    /// <summary>Arm64 AdvSimd with the dot-product extension (sdot).</summary>
    NeonDot,
}
